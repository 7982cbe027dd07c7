import { createHash, timingSafeEqual } from "node:crypto";
import { ExportError } from "../core/basics/errors.ts";
import { type PortalWebhookSecrets, readPortalWebhookType } from "../core/portal-webhooks/portal-webhook.ts";
import type { HttpEvent } from "./http-messages.ts";

/** Throws unless the header `Authorization` holds one of the tokens. The error is the same for every wrong header. */
export function requireAccessToken(authorization: string | undefined, tokens: string[]): void {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (matchesSecret(tokens, given)) return;
  const detail = "Send the access token in the header `Authorization: Bearer <access token>`.";
  throw new ExportError("unauthorized", "unauthorized", detail, {
    headers: { "www-authenticate": "Bearer" },
  });
}

/** True when `given` is one of the secrets. Takes the same time for every text, so that timing reveals nothing. */
export function matchesSecret(secrets: string[], given: string): boolean {
  const expected = digest(given);
  return secrets.map((secret) => timingSafeEqual(expected, digest(secret))).includes(true);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The header with the secret of a portal webhook. Despite the header's name the portal does not sign the body. */
const secretHeader = "x-webhook-signature";

/**
 * Returns true for a portal webhook with the right secret, and false for a request that is no portal webhook. Throws
 * when the secret is wrong or missing, and when the settings have no secret for this type of webhook.
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
  if (matchesSecret(expected, headers[secretHeader] ?? "")) return true;
  throw new ExportError("forbidden", "forbidden", "Send the webhook's secret in `X-Webhook-Signature`.");
}
