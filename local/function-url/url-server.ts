import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { startLoopback } from "../loopback-server.ts";
import { describeContext, describeRequest, type UrlRequest } from "./url-event.ts";
import {
  type Answer,
  maxEventBytes,
  maxInvocationMs,
  readResult,
  refuse,
  sendAnswer,
} from "./url-response.ts";

/** `timeoutMs` is 15 minutes by default, and `clock` is the system's clock by default. Port 0 takes any free port. */
export type FunctionUrlOptions = Pick<Lambda, "handler" | "functionName"> &
  Partial<Lambda> & { port: number };

export type FunctionUrl = { url: string; isBusy: () => boolean; stop: () => Promise<void> };

/**
 * Starts a Lambda function URL on loopback. `isBusy` is true while invocations run, and `stop` waits for running
 * invocations.
 */
export async function startFunctionUrl({ port, ...options }: FunctionUrlOptions): Promise<FunctionUrl> {
  const lambda = { timeoutMs: maxInvocationMs, clock: Date.now, ...options };
  const { origin, ...loopback } = await startLoopback(port, (request, response) =>
    serve(request, response, lambda),
  );
  return { url: `${origin}/`, ...loopback };
}

async function serve(request: IncomingMessage, response: ServerResponse, lambda: Lambda): Promise<void> {
  const requestId = randomUUID();
  response.setHeader("x-amzn-requestid", requestId);
  const body = await readBody(request).catch(() => null);
  if (body !== null) sendAnswer(response, await answerRequest(request, body, { ...lambda, requestId }));
}

/** Answers a request by one invocation, as the function URL does. */
export async function answerRequest(
  request: UrlRequest,
  body: Buffer,
  { requestId, ...lambda }: Lambda & { requestId: string },
): Promise<Answer> {
  const { functionName, clock } = lambda;
  const event = describeRequest(request, body, { functionName, requestId, nowMs: clock() });
  const payload = JSON.stringify(event);
  const isTooLarge = Buffer.byteLength(payload) > maxEventBytes;
  return isTooLarge ? refuse(413) : await invoke(payload, requestId, lambda);
}

/** Reads a body to its end, but keeps little more than `maxEventBytes` of it. Throws when the connection breaks. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    if (bytes <= maxEventBytes) pieces.push(piece);
    bytes += piece.length;
  }
  return Buffer.concat(pieces);
}

/** A function behind a URL. It may return or throw anything, because `readResult` validates the result as AWS does. */
export type UrlHandler = (event: LambdaFunctionURLEvent, context: Context) => unknown;

export type Lambda = {
  handler: UrlHandler;
  functionName: string;
  timeoutMs: number;
  /** Returns the time in milliseconds since 1970. */
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

/**
 * Describes an error by its name and its place in the code. Omits the message, because a message may quote the
 * caller's data.
 */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `threw a ${typeof error}`;
  const place = error.stack?.split("\n").find((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return [error.name, place?.trim()].filter(Boolean).join(" ");
}
