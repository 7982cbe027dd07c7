/**
 * Functions that return the keys of objects in the bucket. `attempt` is the id of an attempt at a step of the workflow.
 * With this id in the key, two attempts never write the same object, even when the earlier one is still running. When
 * `attempt` is null, the key is the one that an earlier version of this program used.
 */

export function exportKey(id: string): string {
  return `exports/${id}.json`;
}

export function filePrefix(id: string): string {
  return `files/${id}/`;
}

export function fileKey(id: string, name: string, attempt: string | null = null): string {
  return `${filePrefix(id)}${attempt === null ? "" : `${attempt}/`}${name}`;
}

/** Returns the key of the list of an export's mails and webhooks, with the state of each delivery. */
export function deliveriesKey(id: string): string {
  return `deliveries/${id}.json`;
}

export function snapshotPrefix(id: string): string {
  return `snapshots/${id}/`;
}

export function manifestKey(id: string): string {
  return `${snapshotPrefix(id)}manifest.json`;
}

/**
 * Returns the key of a failed crawl's progress. The crawl failed because of the portal, so the next export may resume
 * it.
 */
export function unfinishedKey(id: string): string {
  return `${snapshotPrefix(id)}unfinished.json`;
}

export function partKey(id: string, part: number, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}part-${String(part).padStart(5, "0")}${attemptSuffix(attempt)}.ndjson.gz`;
}

/** Returns the key of the observations that a refresh made in one window of the rate limit. */
export function observationsKey(id: string, window: number, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}sights-${window}${attemptSuffix(attempt)}.json.gz`;
}

/** Returns the key of the list that says when each offer of a refreshed snapshot was read. */
export function readTimesKey(id: string, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}vintages${attemptSuffix(attempt)}.json.gz`;
}

function attemptSuffix(attempt: string | null): string {
  return attempt === null ? "" : `-${attempt}`;
}

/** Returns the key of the list of customers whose names are missing for the export `id`. */
export function missingNamesKey(snapshotId: string, id: string): string {
  return `${missingNamesPrefix(snapshotId)}${id}.json`;
}

export function missingNamesPrefix(snapshotId: string): string {
  return `${snapshotPrefix(snapshotId)}wanted-`;
}

export const sharePrefix = "shares/";

export function shareKey(id: string): string {
  return `${sharePrefix}${id}.json`;
}

export function namesKey(portal: string): string {
  return `customers/${portal}.json`;
}

/**
 * The functions below return keys that begin with `claims/`. Objects with such keys are written conditionally: when two
 * processes read an object and both write it, the second write is refused.
 */

export function registryKey(portal: string): string {
  return `claims/crawl/${portal}.json`;
}

export function optionsClaimKey(options: string): string {
  return `claims/options/${options}.json`;
}

export function seriesKey(options: string): string {
  return `claims/reports/${options}.json`;
}

export function idempotencyClaimKey(given: string): string {
  return `claims/idempotency/${given}.json`;
}

/** Returns the key of the list of offers that the portal's webhooks have named. */
export function touchedOffersKey(portal: string): string {
  return `claims/marks/${portal}.json`;
}

export function checkClaimKey(portal: string): string {
  return `claims/check/${portal}.json`;
}

/**
 * Returns the key of a test object. The setup check writes the object conditionally, to see whether the storage
 * refuses a write whose condition does not hold.
 */
export function conditionsKey(portal: string): string {
  return `claims/check/${portal}-conditions.json`;
}

/**
 * The content of an export's id. The id consists of the start time as a countdown, a hash of the export's options,
 * and random digits. Because of the countdown, a listing of the bucket starts with the newest export. An id has 35
 * characters of `[a-z0-9-]`.
 */
export type ExportId = { startedMs: number; optionsKey: string };

export const exportIdPattern = /^[0-9a-z]{9}-[0-9a-f]{12}-[0-9a-f]{12}$/;

/**
 * The moment, in ms since 1970, at which the countdown in the ids reaches zero. It is in the year 5188, because no
 * larger number has nine digits in base 36.
 */
const endMs = 36 ** 9 - 1;

export function formatExportId({ startedMs, optionsKey }: ExportId, randomDigits: string): string {
  return `${formatIdPrefix(startedMs)}-${optionsKey}-${randomDigits}`;
}

/**
 * Returns the first part of the id of an export that started at `startedMs`. In a sorted list, this text comes before
 * the ids of all exports that started earlier.
 */
export function formatIdPrefix(startedMs: number): string {
  return (endMs - startedMs).toString(36).padStart(9, "0");
}

/**
 * Reads the start time and the hash of the options from an export's id. Returns null when the text is not such an id.
 */
export function parseExportId(text: string): ExportId | null {
  if (!exportIdPattern.test(text)) return null;
  const [countdown = "", optionsKey = ""] = text.split("-");
  return { startedMs: endMs - Number.parseInt(countdown, 36), optionsKey };
}
