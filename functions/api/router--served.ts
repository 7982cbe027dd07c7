import { logEvent } from "../adapters/log/log.ts";
import { ExportError } from "../core/basics/errors.ts";
import { httpStatusOf } from "../core/contract/error-responses.ts";
import { isPublicPath, type Route } from "../core/contract/routes.ts";
import type { HttpHandler } from "./http-messages.ts";

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
