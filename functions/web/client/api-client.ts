import type { ParameterError } from "../../core/basics/errors.ts";
import type { CheckAnswer } from "../../core/check/setup-check.ts";
import type { PresentedExport } from "../../core/contract/response-bodies.ts";
import type { Options } from "../../core/options/options.ts";

export type ShownExport = PresentedExport;

/** Options as a request gives them; what is left out takes its default. */
export type RequestOptions = { [Name in keyof Options]?: NonNullable<Options[Name]> };

/** An export as it was seen, and when to look again. */
export type ExportSighting = { seen: ShownExport; retryMs: number };

/** A permanent link, without its token. */
export type ListedShare = {
  id: string;
  name: string;
  options: RequestOptions;
  createdAt: string;
  expiresAt: string;
};

type NewShare = { name: string; options: RequestOptions; expiresInDays: number };

export type ApiClient = ReturnType<typeof createApiClient>;

/** The API as the page uses it. What it answers is trusted: page and API are of one deployment. */
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

  /** The redirect to the file leads to another origin: it is seen, not followed. False when it was cleaned up. */
  async function hasFile(id: string): Promise<boolean> {
    const { type, status } = await ask(`${exportPath(id)}/file`, { method: "HEAD", redirect: "manual" });
    if (type === "opaqueredirect") return true;
    if (status === 410 || status === 404) return false;
    throw new ApiError(status, {});
  }

  return {
    /** `key` makes a repetition safe: the same one starts nothing new. */
    startExport: (wanted: RequestOptions, key: string) =>
      look("/exports", post(wanted, { "idempotency-key": key })),
    /** The query is one for `GET /export`; a redirect could not be followed here. */
    runQuery: (query: URLSearchParams) => look(`/export?${withoutRedirect(query)}`),
    readExport: (id: string) => look(exportPath(id)),
    readShare: (shareToken: string) => look(`/s/${encodeURIComponent(shareToken)}`),
    cancelExport: (id: string) => read<null>(exportPath(id), { method: "DELETE" }),
    listExports: async () => (await read<{ exports: ShownExport[] }>("/exports")).exports,
    hasFile,
    checkSetup: () => read<CheckAnswer>("/check"),
    createShare: (given: NewShare) => read<ListedShare & { url: string }>("/shares", post(given)),
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

/** Null where there is none. Throws a refusal for what is no success. */
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

/** A proxy's own page is no answer of the API's. */
function readJson(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

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
