import middy from "@middy/core";
import httpRouterHandler from "@middy/http-router";
import { ExportError } from "../core/basics/errors.ts";
import type { DescribedRoute } from "../core/contract/openapi-operations.ts";
import { listMethods, listRoutes } from "../core/contract/routes.ts";
import { makeExport, postExport } from "./export-routes--start.ts";
import { redirectToFile, removeExport, showExport, showExports } from "./export-routes.ts";
import { answerEmpty, answerJson } from "./http-messages--answer.ts";
import { limitBody } from "./http-messages--body.ts";
import type { HttpAnswer, HttpEvent, HttpHandler, ApiService } from "./http-messages.ts";
import { takePortalWebhook } from "./portal-webhook-route.ts";
import { logServed } from "./router--served.ts";
import { answerShareVisit, postShare, removeShare, showShares } from "./share-routes.ts";

/** The API, for whom the front lets through. What is no success is thrown. */
export function createApi(service: ApiService): HttpHandler {
  const { world } = service;
  const routes: (DescribedRoute & { handler: HttpHandler })[] = [
    { method: "GET", path: "/", handler: async () => answerJson(200, { routes: listRoutes(routes) }) },
    { method: "GET", path: "/export", handler: (event, context) => makeExport(service, event, context) },
    { method: "GET", path: "/exports", handler: () => showExports(world) },
    { method: "POST", path: "/exports", handler: (event, context) => postExport(service, event, context) },
    { method: "GET", path: "/exports/{id}", handler: (event) => showExport(world, event) },
    { method: "DELETE", path: "/exports/{id}", handler: (event) => removeExport(world, event) },
    { method: "GET", path: "/exports/{id}/file", handler: (event) => redirectToFile(world, event) },
    { method: "GET", path: "/shares", handler: () => showShares(world) },
    { method: "POST", path: "/shares", handler: (event) => postShare(world, event) },
    { method: "DELETE", path: "/shares/{id}", handler: (event) => removeShare(world, event) },
    { method: "GET", path: "/s/{token}", handler: (event, context) => answerShareVisit(service, event, context) },
    { method: "POST", path: "/portal/{type}", handler: (event) => takePortalWebhook(world, event) },
    { method: "GET", path: "/check", handler: async () => (await import("./check-route.ts")).showCheck(world) },
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
