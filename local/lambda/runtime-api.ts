import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { startLoopback } from "../loopback-server.ts";

export type Invocation = { payload: string; requestId: string; deadlineMs: number };

/** The resources that the process has used from its start to its answer. */
export type Usage = { peakMb: number; cpuMs: number };

export type Answered = { payload: string; usage: Usage };

type Turn = PromiseWithResolvers<Answered> & { invocation: Invocation };

const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });

/** Starts Lambda's Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export async function startRuntimeApi(functionName: string) {
  let next = Promise.withResolvers<Turn | null>();
  let turn: Turn | null = null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith("/invocation/next")) {
      turn = await next.promise;
      next = Promise.withResolvers();
      if (turn === null) response.destroy();
      else
        response.writeHead(200, describeHeaders(turn.invocation, functionName)).end(turn.invocation.payload);
      return;
    }
    const body = await text(request);
    if (request.url?.endsWith("/response"))
      turn?.resolve({ payload: body, usage: readUsage(request.headers) });
    else turn?.reject(readFailure(body));
    response.writeHead(202).end();
  }

  const { origin, stop } = await startLoopback(0, answer);
  return {
    host: new URL(origin).host,
    /** Requires that the invocation before it was answered. */
    invoke(invocation: Invocation): Promise<Answered> {
      const given = { ...Promise.withResolvers<Answered>(), invocation };
      next.resolve(given);
      return given.promise;
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

/** Reads the headers that native.mjs adds. */
function readUsage(headers: IncomingHttpHeaders): Usage {
  return { peakMb: Number(headers["x-peak-kb"]) / 1024, cpuMs: Number(headers["x-cpu-us"]) / 1000 };
}

function readFailure(body: string): Error {
  const { errorType, errorMessage } = Failure.parse(JSON.parse(body));
  return Object.assign(new Error(errorMessage), { name: errorType });
}
