import { createHmac } from "node:crypto";
import http from "node:http";
import type { IncomingMessage } from "node:http";
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
import {
  createGuardedLookup,
  PrivateAddressError,
  requirePublicAddress,
  type ResolveHost,
} from "./webhook-receivers.ts";

/** `now` is the system's time, by which receivers tell what is old. What else may be left out is for tests. */
export type WebhookOptions = AddressPolicy & {
  secrets: readonly string[];
  now: () => number;
  timeoutMs?: number;
  resolve?: ResolveHost;
  /** Of certificates that no authority known to Node has signed. */
  ca?: string;
};

/** One try, over a connection of its own; a receiver knows what it has had before by its id. Throws nothing. */
export async function postWebhook(
  hook: Webhook,
  event: ExportEvent,
  sending: WebhookOptions,
): Promise<DeliveryOutcome> {
  const { timeoutMs = 10_000 } = sending;
  const body = JSON.stringify(event);
  const headers = describeHeaders(formatWebhookEventId(event, hook), body, sending);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await post(new URL(hook.url), { body, headers, signal }, sending);
    // Whatever else it has to say.
    answer.destroy();
    return judgeWebhookResponse(answer.statusCode ?? 0, readRetryAfter(answer, sending));
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

type Post = { body: string; headers: Record<string, string>; signal: AbortSignal };

/** Gives the answer when its headers are there. Node follows no redirect. */
async function post(url: URL, { body, ...options }: Post, sending: WebhookOptions): Promise<IncomingMessage> {
  const { allowLoopback = false, resolve, ca } = sending;
  requirePublicAddress(url, sending);
  const { request } = allowLoopback && url.protocol === "http:" ? http : https;
  const lookup = createGuardedLookup(sending, resolve);
  return await new Promise((fulfil, reject) => {
    // Without an agent the connection serves this request alone.
    const asked = request(url, {
      ...options,
      method: "POST",
      agent: false,
      lookup,
      ca,
    });
    asked.on("response", fulfil).on("error", reject).end(body);
  });
}

function readRetryAfter({ headers }: IncomingMessage, { now }: WebhookOptions): number | null {
  const nowMs = now();
  const { date = null, "retry-after": retryAfter = null } = headers;
  const retryAtMs = findRetryAt({ retryAfter, date, reset: null }, nowMs);
  return retryAtMs === null ? null : retryAtMs - nowMs;
}

/** By its code alone: messages name hosts. */
function describeError(error: unknown): string {
  if (error instanceof PrivateAddressError)
    return "The receiver is within a network, where nothing is sent to.";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z\d_]+$/.test(code)
    ? `The receiver could not be reached (${code}).`
    : "The receiver could not be reached.";
}

/** What is signed. `seconds` since 1970 are those of this try; the body is signed as the very text that is sent. */
export type SignedEvent = { id: string; seconds: number; body: string };

/**
 * The header `webhook-signature` of Standard Webhooks, with a signature for each secret, of which the receiver needs
 * one: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signEvent({ id, seconds, body }: SignedEvent, secrets: readonly string[]): string {
  return secrets
    .map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .map((key) => createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64"))
    .map((signature) => `v1,${signature}`)
    .join(" ");
}
