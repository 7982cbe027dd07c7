/**
 * What a caller may see of a failure. `kind` decides the HTTP status, `code` is stable for programs,
 * the message says in plain words what happened and what to do. Everything else that is thrown is a bug.
 */
export class ExportError extends Error {
  override name = "ExportError";
  readonly kind: Kind;
  readonly code: string;
  readonly errors: ParameterError[];
  /** Headers that the status wants beside it, such as `Allow`. */
  readonly headers: Record<string, string>;

  constructor(kind: Kind, code: string, message: string, { errors = [], headers = {}, cause }: Extra = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
    this.errors = errors;
    this.headers = headers;
  }
}

type Extra = { errors?: ParameterError[]; headers?: Record<string, string>; cause?: unknown };

export type Kind =
  | "invalid"
  | "unauthorized"
  | "missing"
  | "method"
  | "conflict"
  | "gone"
  | "oversized"
  | "unsupported"
  | "mismatch"
  | "portal"
  | "storage"
  | "workflow"
  | "size";

export type ParameterError = { parameter: string; detail: string };

export const statusOf: Record<Kind, number> = {
  invalid: 400,
  unauthorized: 401,
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
};

/** Whether trying again now would change nothing: a bug may be of one moment, and a storage may be back soon. */
export function isFinal(error: unknown): error is ExportError {
  return error instanceof ExportError && error.kind !== "storage";
}
