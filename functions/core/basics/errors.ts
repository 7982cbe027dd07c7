/**
 * An error that a caller may see. `kind` decides the HTTP status, `code` is stable for programs, and the message says in
 * plain words what happened and what to do. Any other error is a bug.
 */
export class ExportError extends Error {
  override name = "ExportError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: ParameterError[];
  /** Headers that belong to the status, such as `Allow`. */
  readonly headers: Record<string, string>;
  /** Says what happened, without the remedy. */
  readonly detail: string;
  /** Says what to do, or null. The message ends with it. */
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

/**
 * True when another try would fail in the same way. False for a storage error and for a bug: the storage may soon
 * work again, and a bug may not occur the next time.
 */
export function isFinalError(error: unknown): error is ExportError {
  return error instanceof ExportError && error.kind !== "storage";
}

/** An invalid schedule, or a report that is overdue. A log may show the message in full. */
export class ScheduleError extends Error {
  override name = "ScheduleError";
}
