import { ExportError } from "./error.ts";

/** A part of the path in braces stands for any. What takes GET takes HEAD too. */
export type Route = { method: "GET" | "POST" | "DELETE"; path: string };

/** Those that need no access token: what they may do is said by their address, or proved by their body. */
const publicPaths = ["/s/{token}"];

export function isPublic(path: string): boolean {
  return publicPaths.some((pattern) => matchPath(pattern, path) !== null);
}

export function listRoutes(routes: Route[]): string[] {
  return routes.map(({ method, path }) => `${method} ${path}`);
}

type Parameters = Record<string, string>;

export type Match<R extends Route> = { allow: string; route: R | null; parameters: Parameters };

/** The route of that method, or none, with the methods that the path takes. Throws for an unknown path. */
export function findRoute<R extends Route>(routes: R[], method: string, path: string): Match<R> {
  const known = routes.flatMap((route) => {
    const parameters = matchPath(route.path, path);
    return parameters === null ? [] : [{ route, parameters }];
  });
  if (known.length === 0)
    throw new ExportError("missing", "not_found", "There is no such route. `GET /` lists them.");
  const methods = known.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  const allow = [...methods, "OPTIONS"].join(", ");
  const wanted = method === "HEAD" ? "GET" : method;
  return { allow, route: null, parameters: {}, ...known.find(({ route }) => route.method === wanted) };
}

/** What stands in the place of the pattern's braces, as it was sent; null where the path is another. */
function matchPath(pattern: string, path: string): Parameters | null {
  const expression = pattern.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  const found = new RegExp(`^${expression}/?$`).exec(path);
  return found && { ...found.groups };
}
