import { ExportError } from "../basics/errors.ts";

const methods = ["GET", "POST", "DELETE"] as const;
type Method = (typeof methods)[number];

/** How a caller proves that it may use a route: a header, the path itself, or the header of the portal's webhooks. */
type Credential = "access-token" | "link-token" | "webhook-secret";

/**
 * The API's table of routes, in the order in which `GET /` lists them. A part of a path in braces stands for any text.
 * After a row is added, `api/router.ts` compiles only with its handler, and `openapi-operations.ts` only with its
 * description. The front loads this file, so it must not import zod.
 */
export const routes = {
  "GET /": "access-token",
  "GET /export": "access-token",
  "GET /exports": "access-token",
  "POST /exports": "access-token",
  "GET /exports/{id}": "access-token",
  "DELETE /exports/{id}": "access-token",
  "GET /exports/{id}/file": "access-token",
  "GET /shares": "access-token",
  "POST /shares": "access-token",
  "DELETE /shares/{id}": "access-token",
  "GET /s/{token}": "link-token",
  "POST /portal/{type}": "webhook-secret",
  "GET /check": "access-token",
  "GET /openapi.json": "access-token",
} as const satisfies Record<`${Method} /${string}`, Credential>;

/** A route's method and path. */
export type RouteName = keyof typeof routes;

const table = Object.entries(routes).map(([name, credential]) => {
  const { method, path } = splitRouteName(name);
  return { method, path, credential };
});

export function listRoutes(): string[] {
  return Object.keys(routes);
}

export function splitRouteName(name: string): { method: Method; path: string } {
  const method = methods.find((known) => name.startsWith(`${known} `)) ?? "GET";
  return { method, path: name.slice(method.length + 1) };
}

/** HEAD is served wherever GET is. */
export function listServedMethods(method: Method): (Method | "HEAD")[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

/** True when the path holds a link token, so that the caller needs no access token. */
export function isPublicPath(path: string): boolean {
  return findRoutes(path).some(({ credential }) => credential === "link-token");
}

/** True when a route serves GET at this path. */
export function isReadablePath(path: string): boolean {
  return findRoutes(path).some(({ method }) => method === "GET");
}

/** The methods that the path takes, OPTIONS last. Throws for an unknown path. */
export function listMethods(path: string): string[] {
  const known = findRoutes(path);
  if (known.length === 0)
    throw new ExportError("missing", "not_found", "There is no such route. `GET /` lists them.");
  return [...known.flatMap(({ method }) => listServedMethods(method)), "OPTIONS"];
}

function findRoutes(path: string) {
  return table.filter((route) => matchesPath(route.path, path));
}

/** Compares part by part; one slash at the end of the path does not count. */
function matchesPath(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const given = path.replace(/(?<=.)\/$/, "").split("/");
  return (
    expected.length === given.length &&
    expected.every((part, index) => (part.startsWith("{") ? given[index] !== "" : part === given[index]))
  );
}
