import { createHmac } from "node:crypto";

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
