import { ExportError } from "../core/basics/errors.ts";
import { type PortalWebhookSecrets, readPortalWebhookType } from "../core/portal-webhooks/portal-webhook.ts";
import type { HttpEvent } from "./http-messages.ts";
import { matchesSecret } from "./authentication--secret.ts";

/** What the portal proves itself with: the secret as it is, no signature of the body. */
const header = "x-webhook-signature";

/**
 * Whether this is one of the portal's notices. Throws for one of a type that has no secret here, and for one that
 * does not bring it; the time it takes tells nothing of a secret.
 */
export function admitPortalWebhook({ headers, rawPath, requestContext }: HttpEvent, secrets: PortalWebhookSecrets): boolean {
  const type = readPortalWebhookType(requestContext.http.method, rawPath);
  if (type === null) return false;
  const expected = secrets.get(type);
  if (expected === undefined)
    throw new ExportError("missing", "not_found", "No webhook of the portal is expected here.");
  if (matchesSecret(expected, headers[header] ?? "")) return true;
  throw new ExportError("forbidden", "forbidden", "Send the webhook's secret in `X-Webhook-Signature`.");
}
