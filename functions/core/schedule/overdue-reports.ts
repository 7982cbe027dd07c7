import { formatIdPrefix, parseExportId } from "../basics/bucket-keys.ts";
import type { Moment } from "../basics/calendar.ts";
import type { Problem } from "../basics/stored-values.ts";
import { cancelledProblem, type ExportState } from "../export/export-state.ts";

/**
 * The latest attempt to make a report of a tick. `state` is the attempt's export, and `number` is 1 for the first
 * attempt. `failed` is the problem of the attempt before, or null for the first attempt.
 */
export type ReportAttempt = { number: number; state: ExportState; failed: Problem | null };

/**
 * True when the export has failed, so that its report needs another attempt. A cancelled report is not made again.
 */
export function isFailedAttempt({ status, problem }: ExportState): boolean {
  return status === "failed" && problem?.code !== cancelledProblem.code;
}

const hourMs = 3_600_000;

/** A report is overdue when this time has passed since its tick. An export takes at most 30 hours. */
const overdueMs = 36 * hourMs;

/**
 * For this long after a tick, the hourly watch starts each report that is missing. Later, a person has to start it.
 */
const watchedMs = 48 * hourMs;

/**
 * The number of attempts that may fail before the alarm. The tick makes one attempt, and the hourly watch makes the
 * other two. The third attempt starts at least an hour after the tick, so a short outage raises no alarm.
 */
const maxSilentAttempts = 3;

export function isWatchedTick(at: Moment, now: Moment): boolean {
  return now - at < watchedMs;
}

/**
 * True when the report is still missing after too many attempts or too long after its tick, so that a person has to
 * act.
 */
export function isReportOverdue({ number, state }: ReportAttempt, at: Moment, now: Moment): boolean {
  const isDone = state.status === "succeeded" || state.problem?.code === cancelledProblem.code;
  return !isDone && (number > maxSilentAttempts || now - at >= overdueMs);
}

/**
 * An export that is not finished after this time counts as late. A crawl of 45,000 pages at 58 requests a minute
 * takes 12.9 hours. An export that first waits for another such crawl counts as late too.
 */
const lateMs = 14 * hourMs;

/** An export of this age no longer has an execution, because every execution ends after 30 hours. */
const maxRunMs = 31 * hourMs;

/**
 * Returns the prefix of an id whose export started `lateMs` ago. Ids sort from new to old, so the ids of late exports
 * come after this prefix.
 */
export function findLatePrefix(now: Moment): string {
  return formatIdPrefix(now - lateMs);
}

/** True when an unfinished export may still have an execution, because the export began recently enough. */
export function mayStillRun(id: string, now: Moment): boolean {
  const parsed = parseExportId(id);
  return parsed !== null && now - parsed.startedMs < maxRunMs;
}
