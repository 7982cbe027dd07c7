import { formatIdPrefix, parseExportId } from "../basics/bucket-keys.ts";
import type { Moment } from "../basics/calendar.ts";
import type { Problem } from "../basics/stored-values.ts";
import { cancelledProblem, type ExportState } from "../export/export-state.ts";

/** The export that a tick's report has come to, how many there have been, and why the last one failed. */
export type ReportAttempt = { number: number; state: ExportState; failed: Problem | null };

/** Whether the report is to be tried again; one that somebody has cancelled is not wanted. */
export function isFailedAttempt({ status, problem }: ExportState): boolean {
  return status === "failed" && problem?.code !== cancelledProblem.code;
}

const hourMs = 3_600_000;

/** The longest export takes 30 hours. */
const dueMs = 36 * hourMs;

/** Long enough to be told of what is overdue; later a report is made by hand. */
const watchedMs = 48 * hourMs;

/** One at the tick, and one an hour: a portal that is away for an hour wakes nobody up. */
const patientAttempts = 3;

export function isWatchedTick(at: Moment, now: Moment): boolean {
  return now - at < watchedMs;
}

/** Whether somebody should see to it that the report is made. */
export function isReportOverdue({ number, state }: ReportAttempt, at: Moment, now: Moment): boolean {
  const isSettled = state.status === "succeeded" || state.problem?.code === cancelledProblem.code;
  return !isSettled && (number > patientAttempts || now - at >= dueMs);
}

/** 45,000 pages at 58 useful requests a minute are 12.9 hours; who waits for another as long is late too. */
const lateMs = 14 * hourMs;

/** An execution ends after 30 hours, whatever has become of it. */
const maxRunMs = 31 * hourMs;

/** Where in a listing, newest first, those exports begin that should be finished by now. */
export function findLatePrefix(now: Moment): string {
  return formatIdPrefix(now - lateMs);
}

/** Whether an export that is not finished may still be running. */
export function mayStillRun(id: string, now: Moment): boolean {
  const parsed = parseExportId(id);
  return parsed !== null && now - parsed.startedMs < maxRunMs;
}
