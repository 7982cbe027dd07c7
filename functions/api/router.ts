import middy from "@middy/core";
import httpRouterHandler, { type Route } from "@middy/http-router";
import type { SystemTimer } from "../adapters/clock/clock.ts";
import { logEvent } from "../adapters/log/log.ts";
import type { HttpConfig } from "../adapters/settings/settings.ts";
import { openLambdaWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import { type AppContext, openContext, type StarterOptions } from "../app/context.ts";
import { touchOffers } from "../app/snapshot/snapshot-store.ts";
import { ExportError } from "../core/basics/errors.ts";
import { httpStatusOf } from "../core/contract/error-responses.ts";
import {
  isPublicPath,
  listMethods,
  listRoutes,
  listServedMethods,
  type RouteName,
  splitRouteName,
} from "../core/contract/routes.ts";
import { findOfferIds } from "../core/portal-webhooks/portal-webhook.ts";
import {
  type ApiService,
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
  type HttpAnswer,
  type HttpEvent,
  type HttpHandler,
  limitBody,
  readBodyText,
} from "./http-messages.ts";
import type { PageFiles } from "./page-route.ts";
import { answerShareVisit, postShare, removeShare, showShares } from "./share-routes.ts";

/** Opens the API, by default with the services of AWS. */
export function openApi(
  config: HttpConfig,
  web: PageFiles,
  { workflow, ...options }: StarterOptions = {},
): HttpHandler {
  const app = openContext(config, { bucketTimeouts: patience, ...options });
  return createApi({
    app,
    workflow: workflow ?? openLambdaWorkflow(config.workflow, { timer: app.clock.system }),
    web,
  });
}

/** The timeouts of each of the SDK's three tries. All three tries end before the function's timeout of 30 seconds. */
const patience = { connectionMs: 2_000, requestMs: 6_000 };

/** Creates the API for requests that `createFront` has let through. Handlers throw on failure. */
export function createApi(service: ApiService): HttpHandler {
  const { app } = service;
  const handlers: Record<RouteName, HttpHandler> = {
    "GET /": async () => answerJson(200, { routes: listRoutes() }),
    "GET /export": (event, context) => makeExport(service, event, context),
    "GET /exports": () => showExports(app),
    "POST /exports": (event, context) => postExport(service, event, context),
    "GET /exports/{id}": (event) => showExport(app, event),
    "DELETE /exports/{id}": (event) => removeExport(app, event),
    "GET /exports/{id}/file": (event) => redirectToFile(app, event),
    "GET /shares": () => showShares(app),
    "POST /shares": (event) => postShare(app, event),
    "DELETE /shares/{id}": (event) => removeShare(app, event),
    "GET /s/{token}": (event, context) => answerShareVisit(service, event, context),
    "POST /portal/{type}": (event) => takePortalWebhook(app, event),
    "GET /check": () => showCheck(app),
    "GET /openapi.json": () => showOpenApi(),
  };
  const router = httpRouterHandler({
    routes: Object.entries(handlers)
      .flatMap(listServedRoutes)
      .map((route) => logServed(route, app.clock.system)),
    notFoundResponse: ({ method, path }) => refuseRoute(listMethods(path), method),
  });
  // By default middy ends a request 5 ms before the function's timeout. With 0 an answer within the last 5 ms is still
  // delivered.
  const handler = middy<HttpEvent, HttpAnswer>({ timeoutEarlyInMillis: 0 })
    .before(({ event }) => limitBody(event))
    .handler(router);
  return (event, context) => handler(event, context);
}

/**
 * Stores the offer ids of a webhook of the portal, so that the next refresh reads these offers again. Repeated webhooks
 * and the order of webhooks make no difference.
 */
async function takePortalWebhook(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const ids = findOfferIds(readBodyText(event));
  if (ids.length > 0) await touchOffers(app, ids);
  return answerEmpty();
}

/**
 * Answers with the result of the setup check. The status is 200 even when a check fails, because the body tells which
 * one. Loads the check's code on demand.
 */
async function showCheck(app: AppContext): Promise<HttpAnswer> {
  const { checkSetup } = await import("../app/check/run-setup-check.ts");
  return answerJson(200, await checkSetup(app));
}

/** Answers with the OpenAPI document. Loads the document on demand, because few callers ask for it. */
async function showOpenApi(): Promise<HttpAnswer> {
  const { describeApi } = await import("../core/contract/openapi-document.ts");
  return answerJson(200, describeApi());
}

type ServedRoute = Route<HttpEvent, HttpAnswer> & { handler: HttpHandler };

/**
 * Returns the router's routes for one row of the table of routes. There is one route for each method that the row
 * serves.
 */
function listServedRoutes([name, handler]: [string, HttpHandler]): ServedRoute[] {
  const { method, path } = splitRouteName(name);
  return listServedMethods(method).map((served) => ({ method: served, path, handler }));
}

function refuseRoute(methods: string[], method: string): HttpAnswer {
  const headers = { allow: methods.join(", ") };
  if (method === "OPTIONS") return answerEmpty(headers);
  throw new ExportError("method", "method_not_allowed", `This route takes ${headers.allow}.`, { headers });
}

/** Logs each request with the route's pattern instead of the path, which may hold the token of a permanent link. */
function logServed(route: ServedRoute, { elapsedMs }: SystemTimer): ServedRoute {
  const { method, path, handler } = route;
  const handle: HttpHandler = async (event, context) => {
    const startMs = elapsedMs();
    const log = async (status: number) => {
      // Logs nothing for a wrong link token. The owner pays for the log, and a flood of guesses would fill it.
      if (isPublicPath(path) && status === httpStatusOf.missing) return;
      await logEvent("request", { method, route: path, status, ms: Math.round(elapsedMs() - startMs) });
    };
    try {
      const answer = await handler(event, context);
      await log(answer.statusCode);
      return answer;
    } catch (error) {
      await log(error instanceof ExportError ? httpStatusOf[error.kind] : 500);
      throw error;
    }
  };
  return { ...route, handler: handle };
}
