import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { describeContext } from "../function-url/url-event--context.ts";
import { openSession } from "./durable-client.ts";
import { type Execution, type Failed, findWake, type Outcome } from "./execution.ts";
import type { Live } from "./execution-log--live.ts";
import { describeMismatch, isMismatch } from "./execution--mismatch.ts";
import { type DurableHandler, makeInput } from "./operations--sdk.ts";

export type Lambda = { handler: DurableHandler; functionName: string; timeoutMs: number };

const Output = z.discriminatedUnion("Status", [
  z.object({ Status: z.literal("PENDING") }),
  z.object({ Status: z.literal("SUCCEEDED"), Result: z.string().optional() }),
  z.object({
    Status: z.literal("FAILED"),
    Error: z.object({ ErrorType: z.string().default("Error"), ErrorMessage: z.string().default("") }),
  }),
]);

/** Invokes the handler once, and records what came of it. */
export async function invoke(live: Live, lambda: Lambda): Promise<void> {
  const beganMs = live.now();
  const beganRealMs = performance.now();
  live.record({ kind: "invoked", atMs: beganMs });
  let hasReturned = false;
  const isOver = () => hasReturned || live.now() - beganMs > lambda.timeoutMs;
  const outcome = await callHandler(live, lambda, isOver).catch(describeFault);
  hasReturned = true;
  if (outcome.kind === "fault" || (outcome.kind === "failed" && isMismatch(outcome.error)))
    reportFault(live, lambda, outcome.error);
  const atMs = live.now();
  const realMs = performance.now() - beganRealMs;
  live.record({ kind: "returned", atMs, billedMs: atMs - beganMs, realMs, outcome });
}

async function callHandler(live: Live, lambda: Lambda, isOver: () => boolean): Promise<Outcome> {
  const { handler, functionName, timeoutMs } = lambda;
  const requestId = randomUUID();
  let hasMoved = false;
  const move = () => void (hasMoved = true);
  const [params, client] = openSession(live, { id: requestId, isOver, move });
  const context = describeContext({ functionName, requestId, timeoutMs, clock: live.now });
  const output = Output.parse(await limitTime(handler(makeInput(params, client), context), timeoutMs));
  if (isOver()) throw outOfTime();
  if (output.Status === "SUCCEEDED") return { kind: "succeeded", result: output.Result ?? null };
  if (output.Status === "FAILED") {
    const { ErrorType: name, ErrorMessage: message } = output.Error;
    return { kind: "failed", error: { name, message } };
  }
  if (!hasMoved && !isWaiting(live.execution))
    return { kind: "failed", error: describeMismatch(live.execution) };
  if (findWake(live.execution.operations) === Infinity)
    throw new Error("Cannot return PENDING status with no pending operations.");
  return { kind: "pending" };
}

/** For a time to come: a step that is ready waits for nothing but the code. */
function isWaiting({ operations }: Execution): boolean {
  return [...operations.values()].some(({ dueMs }) => dueMs !== null);
}

/** By the system's clock, for a handler that hangs: the runner's own may have no reason to move on. */
async function limitTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const timer = new AbortController();
  const alarm = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw outOfTime();
  });
  try {
    return await Promise.race([work, alarm]);
  } finally {
    timer.abort();
  }
}

const outOfTime = () => new DOMException("The invocation ran out of time.", "TimeoutError");

function describeFault(error: unknown): Outcome {
  const { name, message } = error instanceof Error ? error : new Error(`threw a ${typeof error}`);
  return { kind: "fault", error: { name, message } };
}

function reportFault({ execution }: Live, { functionName }: Lambda, { name, message }: Failed): void {
  if (execution.status !== "RUNNING") return;
  console.error(`${functionName} ${execution.name}: ${name}: ${message}`);
}
