import { createHash } from "node:crypto";
import { normalizeMailAddress } from "../../core/settings/setting-rules.ts";
import type { DeliveryKind } from "../../core/delivery/delivery-state.ts";
import { listHashed, type Options } from "../../core/options/export-options.ts";
import type { Config } from "../settings/settings.ts";

/** Identifies a portal and its API key, which share one rate limit and one list of offers. Reveals neither. */
export function hashPortal({ portal }: Config): string {
  return hash([portal.url, portal.key], 24);
}

/** Identifies the options of an export. Depends on the portal and its key, because they decide the offers. */
export function hashOptions({ portal }: Config, options: Options): string {
  return hash([portal.url, portal.key, listHashed(options)], 12);
}

/** Identifies the reports of the same options over time: `asOf` and `freshness` do not count. */
export function hashReportSeries({ portal }: Config, options: Options): string {
  return hash([portal.url, portal.key, { ...listHashed(options), asOf: null, freshness: undefined }], 12);
}

/** Identifies a scheduled report. Leaves out the API key, so a new key makes no second report. */
export function hashReport({ portal }: Config, options: Options): string {
  return hash([portal.url, listHashed(options)], 12);
}

export function hashAttempt(schedule: string, attempt: number): string {
  return hash([schedule, attempt], 12);
}

/** Identifies a webhook receiver without revealing its address. */
export function hashAddress(url: string): string {
  return hash(url, 12);
}

/** Identifies a delivery by its kind and address. */
export function hashTarget(kind: DeliveryKind, to: string): string {
  return hash([kind, normalizeMailAddress(to)], 12);
}

/** Identifies the recipients of one request, in any order. */
export function hashRecipients(recipients: string[]): string {
  return hash(recipients.map(normalizeMailAddress).toSorted(), 12);
}

export function hashShort(text: string): string {
  return hash(text, 32);
}

/** The full SHA-256 in hex; the other functions shorten theirs. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function hash(value: unknown, digits: number): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, digits);
}
