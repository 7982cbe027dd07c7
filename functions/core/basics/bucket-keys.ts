/**
 * The keys of objects in the bucket. A key that a step writes contains the step's attempt, because an earlier
 * attempt may still write after the next one has started. When `attempt` is null, the functions return the keys of
 * an earlier version, which contain no attempt.
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

/** The mails and webhooks of an export, with their state. */
export function deliveriesKey(id: string): string {
  return `deliveries/${id}.json`;
}

export function snapshotPrefix(id: string): string {
  return `snapshots/${id}/`;
}

export function manifestKey(id: string): string {
  return `${snapshotPrefix(id)}manifest.json`;
}

/** The progress of a crawl that failed because of the portal. The next crawl may resume it. */
export function unfinishedKey(id: string): string {
  return `${snapshotPrefix(id)}unfinished.json`;
}

export function partKey(id: string, part: number, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}part-${String(part).padStart(5, "0")}${attemptSuffix(attempt)}.ndjson.gz`;
}

/** The observations of one window of a refresh. */
export function observationsKey(id: string, window: number, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}sights-${window}${attemptSuffix(attempt)}.json.gz`;
}

/** The times at which the offers of a refreshed snapshot were read. */
export function readTimesKey(id: string, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}vintages${attemptSuffix(attempt)}.json.gz`;
}

function attemptSuffix(attempt: string | null): string {
  return attempt === null ? "" : `-${attempt}`;
}

/** The customers of an export whose names are missing. */
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

/** Objects under `claims/` are written conditionally: when two functions write at once, the loser gets 412. */

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

/** The offers that the portal's webhooks have named. */
export function touchedOffersKey(portal: string): string {
  return `claims/marks/${portal}.json`;
}

export function checkClaimKey(portal: string): string {
  return `claims/check/${portal}.json`;
}

/** The setup check writes this object conditionally, to see whether the storage enforces the conditions. */
export function conditionsKey(portal: string): string {
  return `claims/check/${portal}-conditions.json`;
}

/**
 * An export's id begins with the time counted down, so that a listing of the bucket starts with the newest export.
 * Then follow a hash of its options and random digits: `[a-z0-9-]`, 35 characters.
 */
export type ExportId = { startedMs: number; optionsKey: string };

export const exportIdPattern = /^[0-9a-z]{9}-[0-9a-f]{12}-[0-9a-f]{12}$/;

/** Ids count down to this moment, in the year 5188. It is the largest number of nine digits in base 36. */
const endMs = 36 ** 9 - 1;

export function formatExportId({ startedMs, optionsKey }: ExportId, randomDigits: string): string {
  return `${formatIdPrefix(startedMs)}-${optionsKey}-${randomDigits}`;
}

/** The ids of exports that started at `startedMs` begin with this text. The ids of older exports sort after it. */
export function formatIdPrefix(startedMs: number): string {
  return (endMs - startedMs).toString(36).padStart(9, "0");
}

/** Null when the text is not an export's id. */
export function parseExportId(text: string): ExportId | null {
  if (!exportIdPattern.test(text)) return null;
  const [countdown = "", optionsKey = ""] = text.split("-");
  return { startedMs: endMs - Number.parseInt(countdown, 36), optionsKey };
}
