import { createHash } from "node:crypto";
import { normalizeMailAddress } from "../../core/settings/setting-rules.ts";
import type { DeliveryKind } from "../../core/delivery/delivery-state.ts";
import { listHashed, type Options } from "../../core/options/options.ts";
import type { Config } from "../settings/settings.ts";

/** Names a portal and the key to it, whose budget and offers are one; tells nothing of either. */
export function hashPortal({ portal }: Config): string {
  return hash([portal.url, portal.key], 24);
}

/** Another portal, or another key to the same, gives other offers. */
export function hashOptions({ portal }: Config, options: Options): string {
  return hash([portal.url, portal.key, listHashed(options)], 12);
}

/** Of any day's report of the same options, however fresh it was made. */
export function hashReportSeries({ portal }: Config, options: Options): string {
  return hash([portal.url, portal.key, { ...listHashed(options), asOf: null, freshness: undefined }], 12);
}

/** Of a tick's report, whichever key reads the portal: another one makes no second report. */
export function hashReport({ portal }: Config, options: Options): string {
  return hash([portal.url, listHashed(options)], 12);
}

export function hashAttempt(schedule: string, attempt: number): string {
  return hash([schedule, attempt], 12);
}

/** Names a receiver without telling its address. */
export function hashAddress(url: string): string {
  return hash(url, 12);
}

/** Names a delivery: the same address of the same kind is the same one. */
export function hashTarget(kind: DeliveryKind, to: string): string {
  return hash([kind, normalizeMailAddress(to)], 12);
}

/** Of those that are asked for at once, in whatever order. */
export function hashRecipients(recipients: string[]): string {
  return hash(recipients.map(normalizeMailAddress).toSorted(), 12);
}

export function hashShort(text: string): string {
  return hash(text, 32);
}

/** The whole SHA-256 in hex. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function hash(value: unknown, digits: number): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, digits);
}
