import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { startLoopback } from "../loopback-server.ts";
import { refuse, sendAnswer } from "./url-response--answer.ts";
import { describeRequest } from "./url-event.ts";
import { type Lambda, invoke } from "./url-server--invocation.ts";
import { longestMs, maxEventBytes } from "./url-response--limit.ts";

export type { UrlHandler } from "./url-server--invocation.ts";

/** 15 minutes and the system's time unless said otherwise; port 0 takes any free one. */
export type FunctionUrlOptions = Pick<Lambda, "handler" | "functionName"> & Partial<Lambda> & { port: number };

export type FunctionUrl = { url: string; isBusy: () => boolean; stop: () => Promise<void> };

/** A Lambda function URL on loopback; `isBusy` tells of invocations under way, `stop` waits for them. */
export async function startFunctionUrl({ port, ...options }: FunctionUrlOptions): Promise<FunctionUrl> {
  const lambda = { timeoutMs: longestMs, clock: Date.now, ...options };
  const { origin, ...loopback } = await startLoopback(port, (request, response) =>
    serve(request, response, lambda),
  );
  return { url: `${origin}/`, ...loopback };
}

async function serve(request: IncomingMessage, response: ServerResponse, lambda: Lambda): Promise<void> {
  const requestId = randomUUID();
  response.setHeader("x-amzn-requestid", requestId);
  const body = await readBody(request).catch(() => null);
  if (body === null) return;
  const { functionName, clock } = lambda;
  const event = describeRequest(request, body, { functionName, requestId, nowMs: clock() });
  const payload = JSON.stringify(event);
  const isTooLarge = Buffer.byteLength(payload) > maxEventBytes;
  sendAnswer(response, isTooLarge ? refuse(413) : await invoke(payload, requestId, lambda));
}

/** Reads to the end, but keeps no more than is needed to know that it is too much; fails when it breaks off. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    if (bytes <= maxEventBytes) pieces.push(piece);
    bytes += piece.length;
  }
  return Buffer.concat(pieces);
}
