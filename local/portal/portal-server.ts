import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { systemClock, type Timer } from "../../functions/adapters/clock/clock.ts";
import { readJson } from "../../functions/core/basics/stored-values.ts";
import { closeServer, listen } from "../loopback-server.ts";
import { type LimiterKind, makePortalLimiter } from "./portal-limiter.ts";
import { answerCall } from "./portal-routes.ts";
import {
  type Answer,
  type Item,
  type List,
  makeList,
  refuse,
  type Scope,
  type StoredWebhook,
} from "./portal-store.ts";
import { openPortalWebhookSender, sendChanges } from "./webhook-sender.ts";

export type PortalRequest = { method: string; url: string; n: number };

export type PortalOptions = {
  /** The scopes of each Bearer key. */
  keys: Readonly<Record<string, readonly Scope[]>>;
  offers?: readonly Item[];
  customers?: readonly Item[];
  /** Port 0, the default, takes any free port. */
  port?: number;
  pageSize?: number;
  /** The maximum number of requests that each key may send in a window of the rate limit. */
  limit?: number;
  windowMs?: number;
  limiter?: LimiterKind;
  latencyMs?: number;
  /** Appended to `next_page_url`; a comma by default, as in an example of the portal's documentation. */
  nextPageSuffix?: string;
  /** The rate limit headers that answers leave out, as names in small letters. */
  hiddenHeaders?: "all" | readonly string[];
  clock?: Timer;
  /**
   * Called for each request that has a valid key and that the rate limit allows. Returns true when the callback has
   * sent the answer. The rate limit's headers are already set. `n` is the index of the request, from 1.
   */
  intercept?: (request: PortalRequest, response: PortalResponse) => boolean | Promise<boolean>;
};

/** The part of Node's `ServerResponse` that the portal uses. A test can answer without a connection. */
export interface PortalResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  setHeader: (name: string, value: string | number) => unknown;
  setHeaders: (headers: Map<string, string | number>) => unknown;
  removeHeader: (name: string) => unknown;
  writeHead: (status: number, headers?: Record<string, string | number>) => PortalResponse;
  write: (chunk: string | Uint8Array) => boolean;
  end: (chunk?: string | Uint8Array) => unknown;
  /** Breaks the connection. */
  destroy: () => unknown;
  on: (event: "close", listener: () => void) => unknown;
}

/** A request as the portal needs it. `readBody` reads the request's body as a text. */
export type ArrivedRequest = {
  method: string;
  url: string;
  authorization: string | undefined;
  readBody: () => Promise<string>;
};

/** `status` is null until the head of the answer is sent. `remaining` is null when the key is unknown. */
type LoggedRequest = {
  method: string;
  path: string;
  atMs: number;
  status: number | null;
  remaining: number | null;
};

export type Portal = {
  /** The base URL of the API, which ends in `/v1`. */
  url: string;
  offers: List;
  customers: List;
  webhooks: readonly StoredWebhook[];
  /** Resolves when no call of a webhook is running. */
  settle: () => Promise<void>;
  requests: readonly LoggedRequest[];
  stop(): Promise<void>;
};

/** A portal without a server. */
export type OpenPortal = Omit<Portal, "url" | "stop"> & {
  /** Sets the portal's address, and returns the base URL of the API. */
  serveAt: (origin: string) => string;
  /** Answers one request. Never throws. */
  handle: (request: ArrivedRequest, response: PortalResponse) => Promise<void>;
};

/** Starts the portal on loopback. */
export async function startPortal(options: PortalOptions): Promise<Portal> {
  const { handle, serveAt, ...portal } = openPortal(options);
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const { authorization } = headers;
    void handle({ method, url, authorization, readBody: () => text(request) }, response);
  });
  const url = serveAt(await listen(server, options.port ?? 0));
  return { ...portal, url, stop: () => closeServer(server) };
}

export function openPortal(options: PortalOptions): OpenPortal {
  const {
    keys,
    clock = systemClock,
    latencyMs = 0,
    limit = 60,
    windowMs = 60_000,
    limiter = "fixed",
  } = options;
  const checkLimit = makePortalLimiter({ keys, limiter, limit, windowMs });
  const requests: LoggedRequest[] = [];
  const webhooks: StoredWebhook[] = [];
  const { sendEvent, settle } = openPortalWebhookSender(() => webhooks);
  const store = {
    offers: sendChanges(makeList(options.offers ?? []), sendEvent),
    customers: makeList(options.customers ?? []),
    webhooks,
    now: () => clock.now(),
    url: "",
    pageSize: options.pageSize ?? 15,
    nextPageSuffix: options.nextPageSuffix ?? ",",
  };

  async function handle(request: ArrivedRequest, response: PortalResponse): Promise<void> {
    const { method, url, authorization, readBody } = request;
    const atMs = clock.now();
    const { scopes, remaining, headers, refusal } = checkLimit(authorization, atMs);
    const entry: LoggedRequest = { method, path: url, atMs, status: null, remaining };
    const n = requests.push(entry);
    response.setHeaders(hideHeaders(headers, options.hiddenHeaders));
    response.on("close", () => logStatus(entry, response));

    if (latencyMs > 0) await clock.sleep(latencyMs);
    const isAnswered = !refusal && (await options.intercept?.({ method, url, n }, response));
    if (!isAnswered) {
      const body = readJson(await readBody());
      send(response, refusal ?? answerCall(store, { method, target: url, body, scopes }));
    }
    logStatus(entry, response);
  }

  const { offers, customers } = store;
  return {
    requests,
    offers,
    customers,
    webhooks,
    settle,
    serveAt(origin) {
      store.url = `${origin}/v1`;
      return store.url;
    },
    handle: (request, response) =>
      handle(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else send(response, refuse(500, String(error)));
      }),
  };
}

function hideHeaders(
  headers: Map<string, number>,
  hiddenHeaders: PortalOptions["hiddenHeaders"] = [],
): Map<string, number> {
  const isHidden = (name: string) => hiddenHeaders === "all" || hiddenHeaders.includes(name.toLowerCase());
  return new Map([...headers].filter(([name]) => !isHidden(name)));
}

function logStatus(entry: LoggedRequest, response: PortalResponse): void {
  if (response.headersSent) entry.status = response.statusCode;
}

function send(response: PortalResponse, answer: Answer): void {
  response.writeHead(answer.status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(answer.body));
}
