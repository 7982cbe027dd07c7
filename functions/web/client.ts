import type { PresentedExport } from "../core/answer.ts";
import type { CheckAnswer } from "../core/check.ts";
import type { ParameterError } from "../core/error.ts";
import type { Options } from "../core/option.ts";

export type Export = PresentedExport;

/** Options as a request gives them; what is left out takes its default. */
export type Wanted = { [Name in keyof Options]?: NonNullable<Options[Name]> };

/** An export as it was seen, and when to look again. */
export type Sighting = { seen: Export; retryMs: number };

/** A permanent link, without its token. */
export type Share = { id: string; name: string; options: Wanted; createdAt: string; expiresAt: string };

type NewShare = { name: string; options: Wanted; expiresInDays: number };

/** What the server refused or could not do. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: ParameterError[];

  constructor(status: number, problem: Partial<Pick<Refusal, "code" | "detail" | "errors">>) {
    super(problem.code ?? String(status));
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
  }
}

/** What another try may bring: the API was not reached, or could not reach its storage. */
const passingCodes = new Set(["unknown", "storage_failed", "internal_error"]);

export function isPassing(error: unknown): boolean {
  if (!(error instanceof Refusal)) return error instanceof TypeError;
  return error.status === 429 || (error.status >= 500 && passingCodes.has(error.code));
}

export type Client = ReturnType<typeof createClient>;

/** The API as the page uses it. What it answers is trusted: page and API are of one deployment. */
export function createClient(token: string | null) {
  async function ask(path: string, { headers, ...init }: Init = {}): Promise<Response> {
    const response = await fetch(path, {
      ...init,
      cache: "no-store",
      headers: { ...authorise(token), ...headers },
    });
    if (!response.ok) throw new Refusal(response.status, await readProblem(response));
    return response;
  }

  async function askExport(path: string, init: Init = {}): Promise<Sighting> {
    const headers = { prefer: "respond-async", ...init.headers };
    const response = await ask(path, { ...init, headers });
    const seconds = Number(response.headers.get("retry-after") ?? defaultRetrySeconds);
    return { seen: await response.json(), retryMs: seconds * 1000 };
  }

  return {
    /** `key` makes a repetition safe: the same one starts nothing new. */
    startExport: (wanted: Wanted, key: string) =>
      askExport("/exports", post(wanted, { "idempotency-key": key })),
    /** The query is one for `GET /export`; a redirect could not be followed here. */
    runQuery: (query: URLSearchParams) => askExport(`/export?${withoutRedirect(query)}`),
    readExport: (id: string) => askExport(`/exports/${encodeURIComponent(id)}`),
    readShare: (shareToken: string) => askExport(`/s/${encodeURIComponent(shareToken)}`),
    cancelExport: (id: string) => ask(`/exports/${encodeURIComponent(id)}`, { method: "DELETE" }),
    listExports: async () => readExports(await ask("/exports")),
    hasFile: (id: string) => hasFile(id, token),
    checkSetup: async (): Promise<CheckAnswer> => (await ask("/check")).json(),
    createShare: async (given: NewShare): Promise<Share & { url: string }> =>
      (await ask("/shares", post(given))).json(),
    listShares: async () => readShares(await ask("/shares")),
    revokeShare: (id: string) => ask(`/shares/${encodeURIComponent(id)}`, { method: "DELETE" }),
  };
}

type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

const defaultRetrySeconds = 2;

function authorise(token: string | null): Record<string, string> {
  return { accept: "application/json", ...(token !== null && { authorization: `Bearer ${token}` }) };
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

async function readProblem(response: Response): Promise<Partial<Refusal>> {
  return await response.json().catch(() => ({}));
}

async function readExports(response: Response): Promise<Export[]> {
  const { exports } = await response.json();
  return exports;
}

async function readShares(response: Response): Promise<Share[]> {
  const { shares } = await response.json();
  return shares;
}

/** The redirect to the file leads to another origin: it is seen, not followed. False when it was cleaned up. */
async function hasFile(id: string, token: string | null): Promise<boolean> {
  const path = `/exports/${encodeURIComponent(id)}/file`;
  const { type, status } = await fetch(path, {
    method: "HEAD",
    redirect: "manual",
    headers: authorise(token),
  });
  if (type === "opaqueredirect") return true;
  if (status === 410 || status === 404) return false;
  throw new Refusal(status, {});
}
