/** What the portal's webhooks tell of offers: the types by which they are registered, and the secret of each. */

export const noticeTypes = ["offer-created", "offer-deleted", "offer-accepted", "offer-rejected"] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** By type; several of one while it is being registered anew. */
export type NoticeSecrets = ReadonlyMap<string, string[]>;

export const noNotices: NoticeSecrets = new Map();

export const noticeHint = `must be such as offer-created=<secret>,offer-deleted=<secret>, of the types ${noticeTypes.join(", ")}`;

/** Null for what is not as the hint says. */
export function parseNoticeSecrets(text: string): NoticeSecrets | null {
  const secrets = new Map<string, string[]>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    const [, type = "", secret = ""] = /^([a-z-]+)=(.*)$/.exec(entry) ?? [];
    if (!isNoticeType(type) || !isNoticeSecret(secret)) return null;
    secrets.set(type, [...(secrets.get(type) ?? []), secret]);
  }
  return secrets;
}

export function formatNoticeSecrets(secrets: { type: string; secret: string }[]): string {
  return secrets.map(({ type, secret }) => `${type}=${secret}`).join(",");
}

function isNoticeType(text: string): text is NoticeType {
  return noticeTypes.some((type) => type === text);
}

/** What a header carries as it is, without the comma that parts them. The portal chooses it. */
export function isNoticeSecret(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]{8,}$/.test(text);
}

/** The type that a request is for, known or not; null where it is for something else. */
export function readNoticeType(method: string, path: string): string | null {
  return method === "POST" ? (/^\/portal\/([^/]+)\/?$/.exec(path)?.[1] ?? null) : null;
}

const mostIdLength = 64;

/** The offers that a notice names, wherever: what it looks like is not documented. */
export function listNamed(notice: string): string[] {
  const ids = notice.match(/off_[0-9A-Za-z]+/g) ?? [];
  return [...new Set(ids)].filter((id) => id.length <= mostIdLength);
}
