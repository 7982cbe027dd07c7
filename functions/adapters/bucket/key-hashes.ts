import { hash as hashBytes } from "node:crypto";
import type { DeliveryKind } from "../../core/delivery/delivery-state.ts";
import { listHashed, type Options } from "../../core/options/export-options.ts";
import { normalizeMailAddress } from "../../core/settings/setting-rules.ts";
import type { Config } from "../settings/settings.ts";

/**
 * Identifies a portal and its API key without revealing them. The hash includes the key, because the portal counts the
 * rate limit for each key.
 */
export function hashPortal({ portal }: Config): string {
  return hash([portal.url, portal.key], 24);
}

/** Identifies an export's options. The hash includes the portal and the API key, because they decide the offers. */
export function hashOptions({ portal }: Config, options: Options): string {
  return hash([portal.url, portal.key, listHashed(options)], 12);
}

/**
 * Identifies a series of reports. All reports of a series have the same options, except `asOf` and `freshness`. A
 * report is compared with an earlier report of its series.
 */
export function hashReportSeries({ portal }: Config, options: Options): string {
  return hash([portal.url, portal.key, { ...listHashed(options), asOf: null, freshness: undefined }], 12);
}

/**
 * Identifies a scheduled report by the portal and the options. Leaves out the API key, so that a new key does not lead
 * to a second report of the same tick.
 */
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

/** Identifies a delivery by its kind and the address that it goes to. */
export function hashTarget(kind: DeliveryKind, to: string): string {
  return hash([kind, normalizeMailAddress(to)], 12);
}

/** Identifies the recipients of one request. Their order makes no difference. */
export function hashRecipients(recipients: string[]): string {
  return hash(recipients.map(normalizeMailAddress).toSorted(), 12);
}

export function hashShort(text: string): string {
  return hash(text, 32);
}

/** Returns all digits of the token's SHA-256 in hex. The other functions of this file return only the first digits. */
export function hashToken(token: string): string {
  return hashBytes("sha256", token);
}

function hash(value: unknown, digits: number): string {
  return hashBytes("sha256", JSON.stringify(value)).slice(0, digits);
}
