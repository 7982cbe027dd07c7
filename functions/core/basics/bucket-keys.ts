/**
 * Where things stand in the bucket. What a step writes stands under a key of the attempt that wrote it, since an
 * attempt may go on after its invocation has ended; null is the key that the version before gave to all attempts.
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

/** Who gets the export, and what has become of it. */
export function deliveriesKey(id: string): string {
  return `deliveries/${id}.json`;
}

export function snapshotPrefix(id: string): string {
  return `snapshots/${id}/`;
}

export function manifestKey(id: string): string {
  return `${snapshotPrefix(id)}manifest.json`;
}

/** How far a crawl had come that the portal has failed. */
export function unfinishedKey(id: string): string {
  return `${snapshotPrefix(id)}unfinished.json`;
}

export function partKey(id: string, part: number, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}part-${String(part).padStart(5, "0")}${mark(attempt)}.ndjson.gz`;
}

/** What one window of a refresh showed. */
export function observationsKey(id: string, window: number, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}sights-${window}${mark(attempt)}.json.gz`;
}

/** As of when a refreshed snapshot has its offers. */
export function readTimesKey(id: string, attempt: string | null = null): string {
  return `${snapshotPrefix(id)}vintages${mark(attempt)}.json.gz`;
}

function mark(attempt: string | null): string {
  return attempt === null ? "" : `-${attempt}`;
}

/** The customers whose names an export made of that snapshot wants. */
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

/** Claims are written under conditions only: who comes second is told. */

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

/** A check writes this object under conditions, to see whether the storage enforces them. */
export function conditionsKey(portal: string): string {
  return `claims/check/${portal}-conditions.json`;
}
