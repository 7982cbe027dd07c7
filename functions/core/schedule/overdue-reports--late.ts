import type { Moment } from "../basics/calendar.ts";
import { formatIdPrefix, parseExportId } from "../export/export-state--id.ts";

const hourMs = 3_600_000;

/** 45,000 pages at 58 useful requests a minute are 12.9 hours; who waits for another as long is late too. */
const lateMs = 14 * hourMs;

/** An execution ends after 30 hours, whatever has become of it. */
const watchedMs = 31 * hourMs;

/** Where in a listing, newest first, those exports begin that should be finished by now. */
export function findLatePrefix(now: Moment): string {
  return formatIdPrefix(now - lateMs);
}

/** Whether an export that is not finished may still be running. */
export function mayStillRun(id: string, now: Moment): boolean {
  const parsed = parseExportId(id);
  return parsed !== null && now - parsed.startedMs < watchedMs;
}
