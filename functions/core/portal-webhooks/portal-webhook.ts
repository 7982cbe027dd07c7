/**
 * The webhooks that the portal sends about offers. Each type of webhook is registered with the portal and has its own
 * secret.
 */

export const portalWebhookTypes = [
  "offer-created",
  "offer-deleted",
  "offer-accepted",
  "offer-rejected",
] as const;
type PortalWebhookType = (typeof portalWebhookTypes)[number];

/**
 * The secrets of the portal's webhooks, by type. A type has two secrets while its webhook is being registered
 * again.
 */
export type PortalWebhookSecrets = ReadonlyMap<string, string[]>;

export const noPortalWebhookSecrets: PortalWebhookSecrets = new Map();

export const portalWebhookHint = `must be such as offer-created=<secret>,offer-deleted=<secret>, of the types ${portalWebhookTypes.join(", ")}`;

/** Parses secrets in the format that `portalWebhookHint` describes. Returns null for any other text. */
export function parsePortalWebhookSecrets(text: string): PortalWebhookSecrets | null {
  const secrets = new Map<string, string[]>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    const [, type = "", secret = ""] = /^([a-z-]+)=(.*)$/.exec(entry) ?? [];
    if (!isPortalWebhookType(type) || !isPortalWebhookSecret(secret)) return null;
    secrets.set(type, [...(secrets.get(type) ?? []), secret]);
  }
  return secrets;
}

export function formatPortalWebhookSecrets(secrets: { type: string; secret: string }[]): string {
  return secrets.map(({ type, secret }) => `${type}=${secret}`).join(",");
}

function isPortalWebhookType(text: string): text is PortalWebhookType {
  return portalWebhookTypes.some((type) => type === text);
}

/**
 * True when the text can be a webhook's secret. The portal chooses the secret. It has at least eight characters, and an
 * HTTP header can carry all of them. It contains no comma, because commas separate the secrets in the setting.
 */
export function isPortalWebhookSecret(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]{8,}$/.test(text);
}

/**
 * Returns the type that the path of a webhook's request names, even when the type is unknown. Returns null for any
 * other request.
 */
export function readPortalWebhookType(method: string, path: string): string | null {
  return method === "POST" ? (/^\/portal\/([^/]+)\/?$/.exec(path)?.[1] ?? null) : null;
}

const maxIdLength = 64;

/**
 * Returns the ids of all offers in a webhook's body. Searches the whole text, because the portal does not document
 * the format of the body.
 */
export function findOfferIds(body: string): string[] {
  const ids = body.match(/off_[0-9A-Za-z]+/g) ?? [];
  return [...new Set(ids)].filter((id) => id.length <= maxIdLength);
}
