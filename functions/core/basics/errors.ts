/**
 * What a caller may see of a failure. `kind` decides the HTTP status, `code` is stable for programs,
 * the message says in plain words what happened and what to do. Everything else that is thrown is a bug.
 */
export class ExportError extends Error {
  override name = "ExportError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: ParameterError[];
  /** Headers that the status wants beside it, such as `Allow`. */
  readonly headers: Record<string, string>;
  /** What happened, without the remedy. */
  readonly detail: string;
  /** What to do, where it was told apart; the message ends with it. */
  readonly remedy: string | null;

  constructor(kind: ErrorKind, code: string, detail: string, extra: Extra = {}) {
    const { errors = [], headers = {}, remedy = null, cause } = extra;
    super(remedy === null ? detail : `${detail} ${remedy}`, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
    this.detail = detail;
    this.remedy = remedy;
    this.errors = errors;
    this.headers = headers;
  }
}

type Extra = {
  errors?: ParameterError[];
  headers?: Record<string, string>;
  remedy?: string;
  cause?: unknown;
};

export type ErrorKind =
  | "invalid"
  | "unauthorized"
  | "forbidden"
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
  | "size"
  | "busy";

export type ParameterError = { parameter: string; detail: string };

/** Whether trying again now would change nothing: a bug may be of one moment, and a storage may be back soon. */
export function isFinalError(error: unknown): error is ExportError {
  return error instanceof ExportError && error.kind !== "storage";
}

/** What is wrong with a schedule, in words that a log may keep. */
export class ScheduleError extends Error {
  override name = "ScheduleError";
}
