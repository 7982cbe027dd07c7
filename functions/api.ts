import middy from "@middy/core";
import httpRouterHandler from "@middy/http-router";
import type { Context, LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { listRoutes, refuseRoute, type Route } from "./core/route.ts";
import { openFile, removeExport, showExport, showExports } from "./exports.ts";
import { answerJson } from "./io/answer.ts";
import type { ApiConfig } from "./io/config.ts";
import { answerFailure } from "./io/failure.ts";
import { authorise } from "./io/token.ts";
import type { Workflow } from "./io/workflow.ts";
import type { World } from "./io/world.ts";
import { makeExport, postExport } from "./start.ts";

type Event = LambdaFunctionURLEvent;
type Answer = LambdaFunctionURLResult;
type Handle = (event: Event, context: Context) => Promise<Answer>;

export type Api = Handle;

/** The function URL's API: every route wants an access token, every failure is a problem. */
export function createApi(world: World, workflow: Workflow, accessTokens: ApiConfig["accessTokens"]): Api {
  const service = { world, workflow };
  const routes: (Route & { handler: Handle })[] = [
    { method: "GET", path: "/", handler: async () => answerJson(200, { routes: listRoutes(routes) }) },
    { method: "GET", path: "/export", handler: (event, context) => makeExport(service, event, context) },
    { method: "GET", path: "/exports", handler: () => showExports(world) },
    { method: "POST", path: "/exports", handler: (event, context) => postExport(service, event, context) },
    { method: "GET", path: "/exports/{id}", handler: (event) => showExport(world, event) },
    { method: "DELETE", path: "/exports/{id}", handler: (event) => removeExport(world, event) },
    { method: "GET", path: "/exports/{id}/file", handler: (event) => openFile(world, event, "GET") },
    { method: "HEAD", path: "/exports/{id}/file", handler: (event) => openFile(world, event, "HEAD") },
    {
      method: "GET",
      path: "/openapi.json",
      handler: async () => (await import("./openapi.ts")).showDescription(),
    },
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
