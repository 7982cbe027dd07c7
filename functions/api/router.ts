import middy from "@middy/core";
import httpRouterHandler from "@middy/http-router";
import { logEvent } from "../adapters/log/log.ts";
import type { HttpConfig } from "../adapters/settings/settings.ts";
import { openLambdaWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import { openContext } from "../app/context.ts";
import { ExportError } from "../core/basics/errors.ts";
import { httpStatusOf } from "../core/contract/error-responses.ts";
import type { DescribedRoute } from "../core/contract/openapi-operations.ts";
import { isPublicPath, listMethods, listRoutes, type Route } from "../core/contract/routes.ts";
import {
  makeExport,
  postExport,
  redirectToFile,
  removeExport,
  showExport,
  showExports,
} from "./export-routes.ts";
import {
  answerEmpty,
  answerJson,
  type ApiService,
  type HttpAnswer,
  type HttpEvent,
  type HttpHandler,
  limitBody,
} from "./http-messages.ts";
import type { PageFiles } from "./page-files.ts";
import { takePortalWebhook } from "./portal-webhook-route.ts";
import { answerShareVisit, postShare, removeShare, showShares } from "./share-routes.ts";

/** The API, for whom the front lets through. What is no success is thrown. */
export function createApi(service: ApiService): HttpHandler {
  const { app } = service;
  const routes: (DescribedRoute & { handler: HttpHandler })[] = [
    { method: "GET", path: "/", handler: async () => answerJson(200, { routes: listRoutes(routes) }) },
    { method: "GET", path: "/export", handler: (event, context) => makeExport(service, event, context) },
    { method: "GET", path: "/exports", handler: () => showExports(app) },
    { method: "POST", path: "/exports", handler: (event, context) => postExport(service, event, context) },
    { method: "GET", path: "/exports/{id}", handler: (event) => showExport(app, event) },
    { method: "DELETE", path: "/exports/{id}", handler: (event) => removeExport(app, event) },
    { method: "GET", path: "/exports/{id}/file", handler: (event) => redirectToFile(app, event) },
    { method: "GET", path: "/shares", handler: () => showShares(app) },
    { method: "POST", path: "/shares", handler: (event) => postShare(app, event) },
    { method: "DELETE", path: "/shares/{id}", handler: (event) => removeShare(app, event) },
    {
      method: "GET",
      path: "/s/{token}",
      handler: (event, context) => answerShareVisit(service, event, context),
    },
    { method: "POST", path: "/portal/{type}", handler: (event) => takePortalWebhook(app, event) },
    { method: "GET", path: "/check", handler: async () => (await import("./check-route.ts")).showCheck(app) },
    {
      method: "GET",
      path: "/openapi.json",
      handler: async () => (await import("./openapi-route.ts")).showOpenApi(),
    },
  ];
  const router = httpRouterHandler({
    routes: routes.flatMap(takeHead).map(logServed),
    notFoundResponse: ({ method, path }) => refuseRoute(listMethods(routes, path), method),
  });
  // An answer at the last moment is still one: middy would give up 5 ms before it.
  const handler = middy<HttpEvent, HttpAnswer>({ timeoutEarlyInMillis: 0 })
    .before(({ event }) => limitBody(event))
    .handler(router);
  return (event, context) => handler(event, context);
}

/** What takes GET takes HEAD too. */
function takeHead<R extends { method: string }>(route: R): (R | (Omit<R, "method"> & { method: "HEAD" }))[] {
  return route.method === "GET" ? [route, { ...route, method: "HEAD" }] : [route];
}

function refuseRoute(methods: string[], method: string): HttpAnswer {
  const headers = { allow: [...methods, "OPTIONS"].join(", ") };
  if (method === "OPTIONS") return answerEmpty(headers);
  throw new ExportError("method", "method_not_allowed", `This route takes ${headers.allow}.`, { headers });
}

type Served = Omit<Route, "method"> & { method: string; handler: HttpHandler };

/** A line for each request that is answered, by its route: the path may hold a permanent link's token. */
export function logServed<R extends Served>(route: R): R {
  const { method, path, handler } = route;
  const handle: HttpHandler = async (event, context) => {
    const beganMs = performance.now();
    const tell = async (status: number) => {
      // Who floods a permanent link with guesses writes no line for each, which the owner would pay for.
      if (isPublicPath(path) && status === httpStatusOf.missing) return;
      await logEvent("request", { method, route: path, status, ms: Math.round(performance.now() - beganMs) });
    };
    try {
      const answer = await handler(event, context);
      await tell(answer.statusCode);
      return answer;
    } catch (error) {
      await tell(error instanceof ExportError ? httpStatusOf[error.kind] : 500);
      throw error;
    }
  };
  return { ...route, handler: handle };
}

/** The three tries of the SDK are over before the function's half minute is. */
const patience = { connectionMs: 2_000, requestMs: 6_000 };

/** The API in the cloud. */
export function openApi(config: HttpConfig, web: PageFiles): HttpHandler {
  return createApi({
    app: openContext(config, { bucketTimeouts: patience }),
    workflow: openLambdaWorkflow(config.workflow),
    web,
  });
}
