import { formatIdPrefix, parseExportId } from "../basics/bucket-keys.ts";
import type { Moment } from "../basics/calendar.ts";
import type { Problem } from "../basics/stored-values.ts";
import { cancelledProblem, type ExportState } from "../export/export-state.ts";

/** The latest export of a tick's report, its number among the attempts, and the failure of the attempt before it. */
export type ReportAttempt = { number: number; state: ExportState; failed: Problem | null };

/** True when the report needs another attempt. A cancelled report is not made again. */
export function isFailedAttempt({ status, problem }: ExportState): boolean {
  return status === "failed" && problem?.code !== cancelledProblem.code;
}

const hourMs = 3_600_000;

/** A report is overdue after this time. The longest export takes 30 hours. */
const overdueMs = 36 * hourMs;

/** For two days after a tick, the hourly watch starts missing reports. After that, a person has to start them. */
const watchedMs = 48 * hourMs;

/**
 * The number of attempts that may fail before the alarm: one at the tick, and two at later hourly watches. The last
 * one starts at least an hour after the tick, so a short outage raises no alarm.
 */
const maxSilentAttempts = 3;

export function isWatchedTick(at: Moment, now: Moment): boolean {
  return now - at < watchedMs;
}

/** True when a person has to look after the report. */
export function isReportOverdue({ number, state }: ReportAttempt, at: Moment, now: Moment): boolean {
  const isDone = state.status === "succeeded" || state.problem?.code === cancelledProblem.code;
  return !isDone && (number > maxSilentAttempts || now - at >= overdueMs);
}

/**
 * 45,000 pages at 58 requests a minute take 12.9 hours. An export that waits for another such crawl counts as late.
 */
const lateMs = 14 * hourMs;

/** Longer than the 30 hours after which every execution ends. */
const maxRunMs = 31 * hourMs;

/** Exports that should be finished have ids after this prefix, since ids sort from new to old. */
export function findLatePrefix(now: Moment): string {
  return formatIdPrefix(now - lateMs);
}

/** True while an unfinished export may still have an execution. */
export function mayStillRun(id: string, now: Moment): boolean {
  const parsed = parseExportId(id);
  return parsed !== null && now - parsed.startedMs < maxRunMs;
}
