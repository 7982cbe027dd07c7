import middy from "@middy/core";
import httpRouterHandler from "@middy/http-router";
import type { Context, LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { ExportError } from "./core/error.ts";
import type { ExportState, Result } from "./core/export.ts";
import { fileKey } from "./core/key.ts";
import type { Options } from "./core/option.ts";
import { parseQuery } from "./core/request.ts";
import { listRoutes, refuseRoute, type Route } from "./core/route.ts";
import { runExport } from "./export.ts";
import { answerJson, answerRedirect } from "./io/answer.ts";
import type { ApiConfig } from "./io/config.ts";
import { createExport, findExport, followExport, readExport } from "./io/exports.ts";
import { answerFailure } from "./io/failure.ts";
import { presentExport, signFile } from "./io/link.ts";
import { runInProcess } from "./io/runner.ts";
import { authorise } from "./io/token.ts";
import type { World } from "./io/world.ts";

type Event = LambdaFunctionURLEvent;
type Answer = LambdaFunctionURLResult;
type Handle = (event: Event, context: Context) => Promise<Answer>;

export type Api = Handle;

/** The function URL's API: every route wants an access token, every failure is a problem. */
export function createApi(world: World, accessTokens: ApiConfig["accessTokens"]): Api {
  const routes: (Route & { handler: Handle })[] = [
    { method: "GET", path: "/", handler: async () => answerJson(200, { routes: listRoutes(routes) }) },
    { method: "GET", path: "/export", handler: (event, context) => makeExport(world, event, context) },
    { method: "GET", path: "/exports/{id}", handler: (event) => showExport(world, event) },
    { method: "GET", path: "/exports/{id}/file", handler: (event) => openFile(world, event, "GET") },
    { method: "HEAD", path: "/exports/{id}/file", handler: (event) => openFile(world, event, "HEAD") },
  ];
  const router = httpRouterHandler({ routes, notFoundResponse: ({ path }) => refuseRoute(routes, path) });
  // An answer at the last moment is still one: middy would give up 5 ms before it.
  const handler = middy<Event, Answer>({ timeoutEarlyInMillis: 0 })
    .before(({ event }) => authorise(event.headers["authorization"], accessTokens))
    .onError((request) => {
      request.response = answerFailure(request.error, request.event.requestContext.requestId);
    })
    .handler(router);
  return (event, context) => handler(event, context);
}

/** Answers when the export is finished: a run of the same options is joined, a young one is given again. */
async function makeExport(world: World, event: Event, context: Context): Promise<Answer> {
  const request = parseQuery(new URLSearchParams(event.rawQueryString), world.calendar.dayOf(Date.now()));
  const deadlineMs = world.clock.now() + context.getRemainingTimeInMillis();
  const found = await findExport(world, request);
  const state = found
    ? await followExport(world, found)
    : await startExport(world, request.options, deadlineMs);
  const finished = { id: state.id, result: requireResult(state) };
  if (request.redirect) return answerRedirect(await signFile(world, finished, "GET"));
  return answerJson(200, await presentExport(world, state));
}

async function startExport(world: World, options: Options, deadlineMs: number): Promise<ExportState> {
  const state = await createExport(world, options);
  return await runExport(runInProcess(world.clock, deadlineMs), world, state);
}

function requireResult({ result, problem }: ExportState): Result {
  if (result !== null) return result;
  throw new ExportError(
    "portal",
    problem?.code ?? "interrupted",
    problem?.detail ?? "The export has no result.",
  );
}

async function showExport(world: World, event: Event): Promise<Answer> {
  return answerJson(200, await presentExport(world, await requireExport(world, event)));
}

async function openFile(world: World, event: Event, method: "GET" | "HEAD"): Promise<Answer> {
  const { id, status, result } = await requireExport(world, event);
  if (result === null)
    throw new ExportError("conflict", `export_${status}`, `The export is ${status}: it has no file.`);
  if (await world.bucket.exists(fileKey(id, result.file.name))) {
    return answerRedirect(await signFile(world, { id, result }, method));
  }
  throw new ExportError(
    "gone",
    "file_gone",
    "The file has been cleaned up. Make a new export with the same options.",
  );
}

async function requireExport(world: World, event: Event): Promise<ExportState> {
  const state = await readExport(world.bucket, event.pathParameters?.["id"] ?? "");
  if (state === null)
    throw new ExportError("missing", "export_not_found", "There is no export with this id.");
  return state;
}
