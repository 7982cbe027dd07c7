import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { startLoopback } from "../loopback-server.ts";

export type Invocation = { payload: string; requestId: string; deadlineMs: number };

/** The answer of an invocation. `peakMb` is the peak memory of the process up to the answer. */
export type InvocationAnswer = { payload: string; peakMb: number };

type PendingInvocation = PromiseWithResolvers<InvocationAnswer> & { invocation: Invocation };

const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });

/** Starts a server of Lambda's Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export async function startRuntimeApi(functionName: string) {
  let next = Promise.withResolvers<PendingInvocation | null>();
  let current: PendingInvocation | null = null;

  async function handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith("/invocation/next")) {
      current = await next.promise;
      next = Promise.withResolvers();
      if (current === null) response.destroy();
      else
        response
          .writeHead(200, describeHeaders(current.invocation, functionName))
          .end(current.invocation.payload);
      return;
    }
    const body = await text(request);
    if (request.url?.endsWith("/response"))
      current?.resolve({ payload: body, peakMb: readPeakMb(request.headers) });
    else current?.reject(readFailure(body));
    response.writeHead(202).end();
  }

  const { origin, stop } = await startLoopback(0, handleRequest);
  return {
    host: new URL(origin).host,
    /** Hands an invocation to the process. The process must have answered the previous invocation. */
    invoke(invocation: Invocation): Promise<InvocationAnswer> {
      const pending = { ...Promise.withResolvers<InvocationAnswer>(), invocation };
      next.resolve(pending);
      return pending.promise;
    },
    async stop(): Promise<void> {
      next.resolve(null);
      await stop();
    },
  };
}

function describeHeaders({ requestId, deadlineMs }: Invocation, functionName: string) {
  return {
    "content-type": "application/json",
    "lambda-runtime-aws-request-id": requestId,
    "lambda-runtime-deadline-ms": String(deadlineMs),
    "lambda-runtime-invoked-function-arn": `arn:aws:lambda:local:000000000000:function:${functionName}`,
  };
}

/** Reads the peak memory from the header that native.mjs adds to each request. */
function readPeakMb(headers: IncomingHttpHeaders): number {
  return Number(headers["x-peak-kb"]) / 1024;
}

function readFailure(body: string): Error {
  const { errorType, errorMessage } = Failure.parse(JSON.parse(body));
  return Object.assign(new Error(errorMessage), { name: errorType });
}
