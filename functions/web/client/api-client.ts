import type { ParameterError } from "../../core/basics/errors.ts";
import type { CheckAnswer } from "../../core/check/setup-check.ts";
import type { PresentedExport } from "../../core/contract/response-bodies.ts";
import type { Options } from "../../core/options/export-options.ts";

export type ShownExport = PresentedExport;

/** The options of a request. An option that is left out has its default value. */
export type RequestOptions = { [Name in keyof Options]?: NonNullable<Options[Name]> };

/** A request for a new export. `maxAge` is the number of seconds that the portal's data may be old. */
export type NewExport = RequestOptions & { maxAge?: number };

/** An export's state, and the time to wait before the page reads the state again. */
export type ExportSighting = { seen: ShownExport; retryMs: number };

/** A permanent link, without its token. */
export type ListedShare = {
  id: string;
  name: string;
  options: RequestOptions;
  createdAt: string;
  expiresAt: string;
};

/** A new permanent link. Its URL has the token, which only the answer to its creation tells. */
export type CreatedShare = ListedShare & { url: string };

type NewShare = { name: string; options: RequestOptions; expiresInDays: number };

export type ApiClient = ReturnType<typeof createApiClient>;

/** Creates the API's client. It does not validate answers, because the page and the API are deployed together. */
export function createApiClient(token: string | null) {
  const presented = {
    accept: "application/json",
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };

  function ask(path: string, { headers, ...init }: Init = {}): Promise<Response> {
    return reach(path, { cache: "no-store", ...init, headers: { ...presented, ...headers } });
  }

  async function read<T>(path: string, init: Init = {}): Promise<T> {
    return await readBody(await ask(path, init));
  }

  async function look(path: string, init: Init = {}): Promise<ExportSighting> {
    const response = await ask(path, { ...init, headers: { prefer: "respond-async", ...init.headers } });
    const seconds = Number(response.headers.get("retry-after") ?? defaultRetrySeconds);
    return { seen: await readBody(response), retryMs: seconds * 1000 };
  }

  /**
   * Returns false when the file has been cleaned up. Does not follow the redirect, because it leads to another origin.
   */
  async function hasFile(id: string): Promise<boolean> {
    const { type, status } = await ask(`${exportPath(id)}/file`, { method: "HEAD", redirect: "manual" });
    if (type === "opaqueredirect") return true;
    if (status === 410 || status === 404) return false;
    throw new ApiError(status, {});
  }

  return {
    /** Repeating the call with the same `key` is safe: the second request starts no second export. */
    startExport: (request: NewExport, key: string) =>
      look("/exports", post(request, { "idempotency-key": key })),
    /** Sends the query to `GET /export` without `redirect`, because a script cannot follow the redirect to the file. */
    runQuery: (query: URLSearchParams) => look(`/export?${withoutRedirect(query)}`),
    readExport: (id: string) => look(exportPath(id)),
    readShare: (shareToken: string) => look(`/s/${encodeURIComponent(shareToken)}`),
    /** Cancels a running export, and deletes a finished one with its file. */
    removeExport: (id: string) => read<null>(exportPath(id), { method: "DELETE" }),
    listExports: async () => (await read<{ exports: ShownExport[] }>("/exports")).exports,
    hasFile,
    checkSetup: () => read<CheckAnswer>("/check"),
    createShare: (given: NewShare) => read<CreatedShare>("/shares", post(given)),
    listShares: async () => (await read<{ shares: ListedShare[] }>("/shares")).shares,
    revokeShare: (id: string) => read<null>(`/shares/${encodeURIComponent(id)}`, { method: "DELETE" }),
  };
}

type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

const defaultRetrySeconds = 2;

function exportPath(id: string): string {
  return `/exports/${encodeURIComponent(id)}`;
}

function post(body: unknown, headers: Record<string, string> = {}): Init {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
}

function withoutRedirect(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete("redirect", "true");
  return rest;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    throw new UnreachableError(`no answer from ${path}`, { cause });
  }
}

/** Returns the JSON of the body; null for an empty body. Throws an ApiError for a status that is not 2xx. */
async function readBody<T>(response: Response): Promise<T> {
  const body = readJson(await readText(response));
  if (!response.ok) throw new ApiError(response.status, body ?? {});
  return body;
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new UnreachableError("the answer broke off", { cause });
  }
}

/** Returns null for text that is not JSON, such as a proxy's error page. */
function readJson(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Thrown for an answer with a status that is not 2xx. */
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
    this.code = problem.code ?? (status === 429 ? tooManyCode : unknownCode);
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId ?? null;
  }
}

/** Thrown when the server has sent no answer, or only a part of it. */
export class UnreachableError extends Error {
  override name = "Unreachable";
}

/** The code for an answer that does not come from the API and therefore has no error code. */
const unknownCode = "unknown";
/** The code for the answer 429 of AWS, which means that too many functions run at once. */
const tooManyCode = "too_many_requests";
const passingCodes = new Set([unknownCode, "storage_failed", "internal_error"]);

/** True when another try may succeed after the error. */
export function mayPassLater(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return (
    error instanceof ApiError &&
    (error.status === 429 || (error.status >= 500 && passingCodes.has(error.code)))
  );
}
