/** The portal's webhooks about offers: the types to register, and the secret of each type. */

export const portalWebhookTypes = [
  "offer-created",
  "offer-deleted",
  "offer-accepted",
  "offer-rejected",
] as const;
type PortalWebhookType = (typeof portalWebhookTypes)[number];

/** The secrets by type. A type has two while it is registered again. */
export type PortalWebhookSecrets = ReadonlyMap<string, string[]>;

export const noPortalWebhookSecrets: PortalWebhookSecrets = new Map();

export const portalWebhookHint = `must be such as offer-created=<secret>,offer-deleted=<secret>, of the types ${portalWebhookTypes.join(", ")}`;

/** Parses the format that `portalWebhookHint` describes. Null for any other text. */
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
 * The portal chooses the secrets. A secret has at least eight characters that a header can carry. It has no comma,
 * because commas separate the secrets in the setting.
 */
export function isPortalWebhookSecret(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]{8,}$/.test(text);
}

/** The type in the path of a webhook's request, known or unknown; null for any other request. */
export function readPortalWebhookType(method: string, path: string): string | null {
  return method === "POST" ? (/^\/portal\/([^/]+)\/?$/.exec(path)?.[1] ?? null) : null;
}

const maxIdLength = 64;

/** The ids of offers anywhere in a webhook's body, whose format is not documented. */
export function findOfferIds(body: string): string[] {
  const ids = body.match(/off_[0-9A-Za-z]+/g) ?? [];
  return [...new Set(ids)].filter((id) => id.length <= maxIdLength);
}
