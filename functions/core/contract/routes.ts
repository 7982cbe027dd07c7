import { ExportError } from "../basics/errors.ts";

const methods = ["GET", "POST", "DELETE"] as const;
type Method = (typeof methods)[number];

/**
 * How a caller proves that it may use a route: by an access token in a header, by a link's token in the path, or by
 * the secret that the portal sends with its webhooks.
 */
type Credential = "access-token" | "link-token" | "webhook-secret";

/**
 * The API's routes, in the order in which `GET /` lists them. A segment in braces stands for any text. A new route
 * needs a handler in `api/router.ts` and a description in `openapi-operations.ts`: without them, these files do not
 * compile. This file must not import zod, since `api/front.ts` loads it.
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

/** A route's method and path, such as `GET /exports`. */
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

/** Returns the methods that a route serves. A route for GET also serves HEAD. */
export function listServedMethods(method: Method): (Method | "HEAD")[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

/** True for the path of a permanent link. The path contains the link's token, so the caller needs no access token. */
export function isPublicPath(path: string): boolean {
  return findRoutes(path).some(({ credential }) => credential === "link-token");
}

/** True when a route serves GET at this path. */
export function isReadablePath(path: string): boolean {
  return findRoutes(path).some(({ method }) => method === "GET");
}

/** Returns the methods that a path accepts, with OPTIONS last. Throws when no route has the path. */
export function listMethods(path: string): string[] {
  const known = findRoutes(path);
  if (known.length === 0)
    throw new ExportError("missing", "not_found", "There is no such route. `GET /` lists them.");
  return [...known.flatMap(({ method }) => listServedMethods(method)), "OPTIONS"];
}

function findRoutes(path: string) {
  return table.filter((route) => matchesPath(route.path, path));
}

/** True when a path matches a route's pattern, segment by segment. Ignores one slash at the end of the path. */
function matchesPath(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const given = path.replace(/(?<=.)\/$/, "").split("/");
  return (
    expected.length === given.length &&
    expected.every((part, index) => (part.startsWith("{") ? given[index] !== "" : part === given[index]))
  );
}
