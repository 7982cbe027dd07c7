import { createHash, timingSafeEqual } from "node:crypto";
import { ExportError } from "../core/basics/errors.ts";
import { type PortalWebhookSecrets, readPortalWebhookType } from "../core/portal-webhooks/portal-webhook.ts";
import type { HttpEvent } from "./http-messages.ts";

/** Throws unless the header presents one of the tokens; nothing tells which part of it was wrong. */
export function requireAccessToken(authorization: string | undefined, tokens: string[]): void {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (matchesSecret(tokens, given)) return;
  const detail = "Send the access token in the header `Authorization: Bearer <access token>`.";
  throw new ExportError("unauthorized", "unauthorized", detail, {
    headers: { "www-authenticate": "Bearer" },
  });
}

/** Whether it is one of the secrets. Compares with each, in a time that tells nothing of them. */
export function matchesSecret(secrets: string[], given: string): boolean {
  const expected = digest(given);
  return secrets.map((secret) => timingSafeEqual(expected, digest(secret))).includes(true);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What the portal proves itself with: the secret as it is, no signature of the body. */
const header = "x-webhook-signature";

/**
 * Whether this is one of the portal's notices. Throws for one of a type that has no secret here, and for one that
 * does not bring it; the time it takes tells nothing of a secret.
 */
export function admitPortalWebhook(
  { headers, rawPath, requestContext }: HttpEvent,
  secrets: PortalWebhookSecrets,
): boolean {
  const type = readPortalWebhookType(requestContext.http.method, rawPath);
  if (type === null) return false;
  const expected = secrets.get(type);
  if (expected === undefined)
    throw new ExportError("missing", "not_found", "No webhook of the portal is expected here.");
  if (matchesSecret(expected, headers[header] ?? "")) return true;
  throw new ExportError("forbidden", "forbidden", "Send the webhook's secret in `X-Webhook-Signature`.");
}
