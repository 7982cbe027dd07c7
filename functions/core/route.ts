import { ExportError } from "./error.ts";

/** A part of the path in braces stands for any. */
export type Route = { method: "GET" | "HEAD" | "POST" | "DELETE"; path: string };

export function listRoutes(routes: Route[]): string[] {
  return routes.map(({ method, path }) => `${method} ${path}`);
}

/** Says why no route was found: there is none at the path, or none that takes the method. */
export function refuseRoute(routes: Route[], path: string): never {
  const allow = routes.filter((route) => matchesPath(route.path, path)).map(({ method }) => method);
  if (allow.length === 0)
    throw new ExportError("missing", "not_found", "There is no such route. `GET /` lists them.");
  const headers = { allow: allow.join(", ") };
  throw new ExportError("method", "method_not_allowed", `This route takes ${headers.allow}.`, { headers });
}

function matchesPath(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const given = path.replace(/(?<=.)\/$/, "").split("/");
  return (
    expected.length === given.length &&
    expected.every((part, index) => part.startsWith("{") || part === given[index])
  );
}
