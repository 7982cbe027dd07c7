import { ExportError, type ErrorKind } from "../basics/errors.ts";
import type { ProblemBody } from "./response-bodies.ts";

const phrases: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** Returns the body of an error answer, without the details of a bug. The log has them under the `requestId`. */
export function describeProblem(error: unknown, requestId: string): ProblemBody {
  if (!(error instanceof ExportError))
    return problemOf(500, { code: "internal_error", detail: bug, requestId });
  const { code, message, errors, kind } = error;
  const body = problemOf(httpStatusOf[kind], { code, detail: message, requestId });
  return errors.length === 0 ? body : { ...body, errors };
}

const bug =
  "Something went wrong that should not have. Try again; the log of this requestId says what it was.";

function problemOf(status: number, rest: Pick<ProblemBody, "code" | "detail" | "requestId">): ProblemBody {
  return { type: "about:blank", title: phrases[status] ?? "Error", status, ...rest };
}

export const httpStatusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  missing: 404,
  method: 405,
  conflict: 409,
  gone: 410,
  oversized: 413,
  unsupported: 415,
  mismatch: 422,
  portal: 502,
  storage: 502,
  workflow: 502,
  size: 502,
  busy: 503,
};
