import { ExportError } from "../basics/errors.ts";

/** A part of the path in braces stands for any. What takes GET takes HEAD too. */
export type Route = { method: "GET" | "POST" | "DELETE"; path: string };

/** Those that need no access token: what they may do is said by their address, or proved by their body. */
const publicPaths = ["/s/{token}"];

export function isPublicPath(path: string): boolean {
  return publicPaths.some((pattern) => matchesPath(pattern, path));
}

/** For the front, which loads no API to know them; a test compares. */
const readPaths = [
  "/",
  "/export",
  "/exports",
  "/exports/{id}",
  "/exports/{id}/file",
  "/shares",
  "/s/{token}",
  "/check",
  "/openapi.json",
];

/** Whether there is a route there that takes GET. */
export function isReadablePath(path: string): boolean {
  return readPaths.some((pattern) => matchesPath(pattern, path));
}

export function listRoutes(routes: Route[]): string[] {
  return routes.map(({ method, path }) => `${method} ${path}`);
}

/** The methods that the path takes. Throws for an unknown path. */
export function listMethods(routes: Route[], path: string): string[] {
  const known = routes.filter((route) => matchesPath(route.path, path));
  if (known.length === 0)
    throw new ExportError("missing", "not_found", "There is no such route. `GET /` lists them.");
  return known.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
}

function matchesPath(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const given = path.replace(/(?<=.)\/$/, "").split("/");
  return (
    expected.length === given.length &&
    expected.every((part, index) => (part.startsWith("{") ? given[index] !== "" : part === given[index]))
  );
}
