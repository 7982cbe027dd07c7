import { ExportError } from "./core/error.ts";
import { findRoute, listRoutes, type Route } from "./core/route.ts";
import { openFile, removeExport, showExport, showExports } from "./exports.ts";
import { answerEmpty, answerJson } from "./io/answer.ts";
import { limitBody } from "./io/body.ts";
import type { Handle } from "./io/http.ts";
import type { Web } from "./io/web.ts";
import type { Workflow } from "./io/workflow.ts";
import type { World } from "./io/world.ts";
import { makeExport, postExport } from "./start.ts";

/** What the routes work with. */
export type Service = { world: World; workflow: Workflow; web: Web };

/** The API, for whom the front lets through. What is no success is thrown. */
export function createApi(service: Service): Handle {
  const { world } = service;
  const routes: (Route & { handler: Handle })[] = [
    { method: "GET", path: "/", handler: async () => answerJson(200, { routes: listRoutes(routes) }) },
    { method: "GET", path: "/export", handler: (event, context) => makeExport(service, event, context) },
    { method: "GET", path: "/exports", handler: () => showExports(world) },
    { method: "POST", path: "/exports", handler: (event, context) => postExport(service, event, context) },
    { method: "GET", path: "/exports/{id}", handler: (event) => showExport(world, event) },
    { method: "DELETE", path: "/exports/{id}", handler: (event) => removeExport(world, event) },
    { method: "GET", path: "/exports/{id}/file", handler: (event) => openFile(world, event) },
  ];
  return async (event, context) => {
    limitBody(event);
    const { method } = event.requestContext.http;
    const { route, allow, parameters } = findRoute(routes, method, event.rawPath);
    if (route !== null) return await route.handler({ ...event, pathParameters: parameters }, context);
    if (method === "OPTIONS") return answerEmpty({ allow });
    const headers = { allow };
    throw new ExportError("method", "method_not_allowed", `This route takes ${allow}.`, { headers });
  };
}
