import { setTimeout as delay } from "node:timers/promises";
import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { type Answer, refuse } from "./url-response--answer.ts";
import { describeContext } from "./url-event--context.ts";
import { readResult } from "./url-response.ts";

/** May return or throw anything: the answer is judged as AWS judges it. */
export type UrlHandler = (event: LambdaFunctionURLEvent, context: Context) => unknown;

export type Lambda = {
  handler: UrlHandler;
  functionName: string;
  timeoutMs: number;
  /** Milliseconds since 1970. */
  clock: () => number;
};

export async function invoke(payload: string, requestId: string, lambda: Lambda): Promise<Answer> {
  const { handler, functionName, timeoutMs } = lambda;
  const event: LambdaFunctionURLEvent = JSON.parse(payload);
  const timer = new AbortController();
  try {
    const result = await Promise.race([
      (async () => handler(event, describeContext({ ...lambda, requestId })))(),
      delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
        throw new DOMException("the invocation ran out of time", "TimeoutError");
      }),
    ]);
    return readResult(result);
  } catch (error) {
    console.error(`${functionName} ${requestId}: ${describeFailure(error)}`);
    return refuse(502);
  } finally {
    timer.abort();
  }
}

/** Name and place only: a message may quote what a caller sent. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `threw a ${typeof error}`;
  const place = error.stack?.split("\n").find((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return [error.name, place?.trim()].filter(Boolean).join(" ");
}
