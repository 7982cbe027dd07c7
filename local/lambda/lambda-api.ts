import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { ServiceError } from "../durable/service-limits.ts";
import type { Runner } from "../durable/runner.ts";
import type { DurableClient } from "../durable/operations.ts";
import { startLoopback } from "../loopback-server.ts";

type Backend = {
  /** The function name and the qualifier in requests that start the workflow. */
  workflow: { name: string; qualifier: string };
  start: Runner["start"];
  /** The clients of running invocations, by the ARN of their execution. */
  sessions: ReadonlyMap<string, DurableClient>;
};

type Answer = { status: number; body: unknown; errorType?: string };

const invocations = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const executions = /^\/2025-12-01\/durable-executions\/([^/]+)\/(checkpoint|state)$/;

/**
 * Starts a server with the part of Lambda's API that the functions call: starting an execution, writing checkpoints
 * and reading an execution's state.
 */
export async function serveLambdaApi(
  backend: Backend,
): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const { origin, stop } = await startLoopback(0, async (request, response) => {
    send(response, await answer(backend, request).catch(describeError));
  });
  return { endpoint: origin, stop };
}

async function answer(backend: Backend, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const body = await text(request);
  const [, functionName] = invocations.exec(pathname) ?? [];
  const { name, qualifier } = backend.workflow;
  if (functionName === name && searchParams.get("Qualifier") === qualifier)
    return await begin(backend.start, request, body);
  const [, arn = "", call] = executions.exec(pathname) ?? [];
  const session = backend.sessions.get(decodeURIComponent(arn));
  if (session === undefined) return refuse(404, "ResourceNotFoundException", "There is no such resource.");
  const answered =
    call === "checkpoint"
      ? await session.checkpoint(JSON.parse(body))
      : await session.getExecutionState(readStateRequest(searchParams));
  return { status: 200, body: answered };
}

async function begin(start: Runner["start"], { headers }: IncomingMessage, payload: string): Promise<Answer> {
  const started = await start(String(headers["x-amz-durable-execution-name"]), JSON.parse(payload));
  if (started !== "conflict") return { status: 202, body: "" };
  const message = "There is an execution of this name with another payload.";
  return refuse(409, "DurableExecutionAlreadyStartedException", message);
}

function readStateRequest(query: URLSearchParams) {
  const marker = query.get("Marker");
  return {
    CheckpointToken: query.get("CheckpointToken") ?? "",
    MaxItems: Number(query.get("MaxItems") ?? 0),
    ...(marker !== null && { Marker: marker }),
  };
}

function describeError(error: unknown): Answer {
  if (error instanceof ServiceError) return refuse(error.$metadata.httpStatusCode, error.name, error.message);
  return refuse(500, "ServiceException", "The local service failed.");
}

function refuse(status: number, errorType: string, message: string): Answer {
  return { status, errorType, body: { Type: "User", message } };
}

function send(response: ServerResponse, { status, body, errorType }: Answer): void {
  const headers = { "content-type": "application/json", ...(errorType && { "x-amzn-errortype": errorType }) };
  response.writeHead(status, headers).end(JSON.stringify(body, writeMoments));
}

/** Writes each time as seconds since 1970: https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait */
function writeMoments(this: unknown, key: string, value: unknown): unknown {
  const given: unknown = Object(this)[key];
  return given instanceof Date ? given.getTime() / 1000 : value;
}
