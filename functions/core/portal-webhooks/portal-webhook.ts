/** What the portal's webhooks tell of offers: the types by which they are registered, and the secret of each. */

export const portalWebhookTypes = [
  "offer-created",
  "offer-deleted",
  "offer-accepted",
  "offer-rejected",
] as const;
export type PortalWebhookType = (typeof portalWebhookTypes)[number];

/** By type; several of one while it is being registered anew. */
export type PortalWebhookSecrets = ReadonlyMap<string, string[]>;

export const noPortalWebhookSecrets: PortalWebhookSecrets = new Map();

export const portalWebhookHint = `must be such as offer-created=<secret>,offer-deleted=<secret>, of the types ${portalWebhookTypes.join(", ")}`;

/** Null for what is not as the hint says. */
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

/** What a header carries as it is, without the comma that parts them. The portal chooses it. */
export function isPortalWebhookSecret(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]{8,}$/.test(text);
}

/** The type that a request is for, known or not; null where it is for something else. */
export function readPortalWebhookType(method: string, path: string): string | null {
  return method === "POST" ? (/^\/portal\/([^/]+)\/?$/.exec(path)?.[1] ?? null) : null;
}

const maxIdLength = 64;

/** The offers that a notice names, wherever: what it looks like is not documented. */
export function findOfferIds(notice: string): string[] {
  const ids = notice.match(/off_[0-9A-Za-z]+/g) ?? [];
  return [...new Set(ids)].filter((id) => id.length <= maxIdLength);
}
