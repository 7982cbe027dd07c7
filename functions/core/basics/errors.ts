/**
 * An error that the caller of the API may see. `kind` decides the HTTP status. `code` stays the same in all
 * versions, so programs can rely on it. The message says in plain words what happened and what to do. Of any other
 * error, the caller sees only the code `internal_error`.
 */
export class ExportError extends Error {
  override name = "ExportError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: ParameterError[];
  /** Headers that the HTTP response needs because of its status, such as `Allow`. */
  readonly headers: Record<string, string>;
  /** Says what happened, but not what to do. */
  readonly detail: string;
  /** Says what to do; null when there is no advice. The error's message is `detail`, followed by `remedy`. */
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
 * True when another attempt at the failed operation would fail in the same way. False for a storage error, because
 * the storage may soon work again. False for a bug, too, because the bug may not occur the next time.
 */
export function isFinalError(error: unknown): error is ExportError {
  return error instanceof ExportError && error.kind !== "storage";
}

/** The error for a schedule that does not exist, and for reports that are overdue. A log may show its whole message. */
export class ScheduleError extends Error {
  override name = "ScheduleError";
}
