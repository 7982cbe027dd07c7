import { createHmac } from "node:crypto";
import http from "node:http";
import https from "node:https";
import type { DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { AddressPolicy } from "../../core/delivery/public-address.ts";
import {
  type ExportEvent,
  judgeWebhookResponse,
  formatWebhookEventId,
  type Webhook,
} from "../../core/delivery/webhook-event.ts";
import { findRetryAt } from "../../core/rate-limit/retry-after.ts";
import { type SystemTimer, systemTimer } from "../clock/clock.ts";
import {
  createGuardedLookup,
  PrivateAddressError,
  requirePublicAddress,
  type ResolveHost,
} from "./webhook-receivers.ts";

/** A request to a receiver. When `signal` aborts, the request ends with an error. */
export type WebhookRequest = { headers: Record<string, string>; body: string; signal: AbortSignal };

/** The start of a receiver's response. */
export type WebhookResponse = {
  status: number;
  headers: { date?: string | undefined; "retry-after"?: string | undefined };
};

/**
 * Sends one POST request, and resolves when the headers of the response have arrived. Follows no redirect, and does not
 * read the body of the response.
 */
export type SendWebhook = (url: URL, request: WebhookRequest) => Promise<WebhookResponse>;

/**
 * `now` returns the time of the system's clock, because receivers reject old timestamps. `timer` limits the time for the
 * response. `send` replaces the connection, and with it the check of the receiver's address. The last three fields are
 * for tests.
 */
export type WebhookOptions = AddressPolicy & {
  secrets: readonly string[];
  now: () => number;
  timer?: Pick<SystemTimer, "timeout">;
  send?: SendWebhook;
  timeoutMs?: number;
  resolve?: ResolveHost;
  /** A certificate authority that is trusted instead of Node's default ones. */
  ca?: string;
};

/** Sends the event to the receiver in one request over a new connection. Never throws: every failure is an outcome. */
export async function postWebhook(
  hook: Webhook,
  event: ExportEvent,
  options: WebhookOptions,
): Promise<DeliveryOutcome> {
  const { timer = systemTimer, send = createConnection(options), timeoutMs = 10_000 } = options;
  const body = JSON.stringify(event);
  const headers = describeHeaders(formatWebhookEventId(event, hook), body, options);
  const signal = timer.timeout(timeoutMs);
  try {
    const response = await send(new URL(hook.url), { body, headers, signal });
    return judgeWebhookResponse(response.status, readRetryAfter(response, options));
  } catch (error) {
    const reason = signal.aborted
      ? `The receiver gave no answer within ${timeoutMs / 1000} seconds.`
      : describeError(error);
    return { kind: "lost", reason, retryAfterMs: null };
  }
}

function describeHeaders(id: string, body: string, { secrets, now }: WebhookOptions): Record<string, string> {
  const seconds = Math.floor(now() / 1000);
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": "offer-export",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signEvent({ id, seconds, body }, secrets),
  };
}

type ConnectionOptions = AddressPolicy & Pick<WebhookOptions, "resolve" | "ca">;

/** Returns a function that sends requests to public addresses only. Node does not follow redirects. */
function createConnection({ resolve, ca, ...policy }: ConnectionOptions): SendWebhook {
  return async (url, { body, headers, signal }) => {
    requirePublicAddress(url, policy);
    const { request } = policy.allowLoopback === true && url.protocol === "http:" ? http : https;
    const lookup = createGuardedLookup(policy, resolve);
    return await new Promise((fulfil, reject) => {
      // `agent: false` opens a new connection for each request, so that `lookup` checks the address every time.
      const clientRequest = request(url, { headers, signal, method: "POST", agent: false, lookup, ca });
      clientRequest
        .on("response", (response) => {
          response.destroy();
          fulfil({ status: response.statusCode ?? 0, headers: response.headers });
        })
        .on("error", reject)
        .end(body);
    });
  };
}

function readRetryAfter({ headers }: WebhookResponse, { now }: WebhookOptions): number | null {
  const nowMs = now();
  const { date = null, "retry-after": retryAfter = null } = headers;
  const retryAtMs = findRetryAt({ retryAfter, date, reset: null }, nowMs);
  return retryAtMs === null ? null : retryAtMs - nowMs;
}

/** Describes the error by its code only, because error messages contain host names. */
function describeError(error: unknown): string {
  if (error instanceof PrivateAddressError)
    return "The receiver is within a network, where nothing is sent to.";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z\d_]+$/.test(code)
    ? `The receiver could not be reached (${code}).`
    : "The receiver could not be reached.";
}

/** The signed parts of a request. `seconds` is the time of this try in seconds since 1970. `body` is the exact text. */
type SignedEvent = { id: string; seconds: number; body: string };

/**
 * Returns the header `webhook-signature` of Standard Webhooks. The header has one signature per secret, and a receiver
 * accepts the request if any of them is right:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signEvent({ id, seconds, body }: SignedEvent, secrets: readonly string[]): string {
  return secrets
    .map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .map((key) => createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64"))
    .map((signature) => `v1,${signature}`)
    .join(" ");
}
