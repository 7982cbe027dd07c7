import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import { describeContext } from "../function-url/url-event.ts";
import { openSession } from "./durable-client.ts";
import type { RunningExecution } from "./execution-log.ts";
import {
  describeMismatch,
  type Execution,
  type ExecutionError,
  findNextWake,
  isMismatch,
  type Outcome,
} from "./execution.ts";
import { type DurableHandler, makeInput } from "./operations.ts";

export type Lambda = { handler: DurableHandler; functionName: string; timeoutMs: number };

const Output = z.discriminatedUnion("Status", [
  z.object({ Status: z.literal("PENDING") }),
  z.object({ Status: z.literal("SUCCEEDED"), Result: z.string().optional() }),
  z.object({
    Status: z.literal("FAILED"),
    Error: z.object({ ErrorType: z.string().default("Error"), ErrorMessage: z.string().default("") }),
  }),
]);

/** Invokes the handler once and records the outcome. */
export async function invoke(live: RunningExecution, lambda: Lambda): Promise<void> {
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

async function callHandler(live: RunningExecution, lambda: Lambda, isOver: () => boolean): Promise<Outcome> {
  const { handler, functionName, timeoutMs } = lambda;
  const requestId = randomUUID();
  let hasChanged = false;
  const onCheckpoint = () => void (hasChanged = true);
  const [params, client] = openSession(live, { id: requestId, isOver, onCheckpoint });
  const context = describeContext({ functionName, requestId, timeoutMs, clock: live.now });
  const output = Output.parse(await limitTime(handler(makeInput(params, client), context), timeoutMs));
  if (isOver()) throw outOfTime();
  if (output.Status === "SUCCEEDED") return { kind: "succeeded", result: output.Result ?? null };
  if (output.Status === "FAILED") {
    const { ErrorType: name, ErrorMessage: message } = output.Error;
    return { kind: "failed", error: { name, message } };
  }
  if (!hasChanged && !isWaiting(live.execution))
    return { kind: "failed", error: describeMismatch(live.execution) };
  if (findNextWake(live.execution.operations) === Infinity)
    throw new Error("Cannot return PENDING status with no pending operations.");
  return { kind: "pending" };
}

/**
 * True while the time of a wait or a retry has not come. A retry whose time has come does not count, because the
 * invocation itself runs it.
 */
function isWaiting({ operations }: Execution): boolean {
  return [...operations.values()].some(({ dueMs }) => dueMs !== null);
}

/**
 * Throws when the work takes longer than `ms`. Measures with the system's clock, because a virtual clock may stand
 * still while a handler hangs.
 */
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

function reportFault(
  { execution }: RunningExecution,
  { functionName }: Lambda,
  { name, message }: ExecutionError,
): void {
  if (execution.status !== "RUNNING") return;
  console.error(`${functionName} ${execution.name}: ${name}: ${message}`);
}

type DriveOptions = Lambda & {
  clock: Timer;
  executionTimeoutMs: number;
  /** Aborting this signal ends the current wait and prevents further invocations. */
  signal: AbortSignal;
};

// The maximum duration of one sleep. It is short, because the timer of an interrupted sleep keeps the process alive
// until the sleep's end.
const napMs = 1000;

/** Invokes the handler whenever an invocation is due, until the execution ends or the runner closes. */
export async function drive(live: RunningExecution, options: DriveOptions): Promise<void> {
  const { execution } = live;
  const deadlineMs = execution.startedMs + options.executionTimeoutMs;
  while (execution.status === "RUNNING" && !options.signal.aborted) {
    const nowMs = live.now();
    const remainingMs = Math.min(execution.wakeMs, deadlineMs) - nowMs;
    if (remainingMs > 0) await waitInterruptibly(remainingMs, options);
    else if (nowMs >= deadlineMs) live.record({ kind: "ended", atMs: nowMs, status: "TIMED_OUT" });
    else await invoke(live, { ...options, timeoutMs: Math.min(options.timeoutMs, deadlineMs - nowMs) });
  }
}

async function waitInterruptibly(ms: number, { clock, signal }: DriveOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  signal.addEventListener("abort", wake, { once: true });
  await Promise.race([clock.sleep(Math.min(ms, napMs)), promise]);
  signal.removeEventListener("abort", wake);
}
