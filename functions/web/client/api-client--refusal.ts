import type { ParameterError } from "../../core/basics/errors.ts";

/** What the server refused or could not do. */
export class ApiError extends Error {
  override name = "Refusal";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: ParameterError[];
  readonly requestId: string | null;

  constructor(status: number, problem: Partial<Pick<ApiError, "code" | "detail" | "errors" | "requestId">>) {
    super(problem.code ?? String(status));
    this.status = status;
    this.code = problem.code ?? (status === 429 ? crowded : nameless);
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId ?? null;
  }
}

/** No answer came, or not the whole of it. */
export class UnreachableError extends Error {
  override name = "Unreachable";
}

/** The code of an answer that was not the API's own. */
const nameless = "unknown";
/** AWS's own answer when more functions would run at once than may. */
const crowded = "too_many_requests";
const passingCodes = new Set([nameless, "storage_failed", "internal_error"]);

/** Whether another try may bring what this one did not. */
export function mayPassLater(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return (
    error instanceof ApiError &&
    (error.status === 429 || (error.status >= 500 && passingCodes.has(error.code)))
  );
}
