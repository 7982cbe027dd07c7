import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

/** A finished report. It is recorded so that a later report with the same options can be compared with it. */
const SeriesReport = z.object({
  id: z.string(),
  /** The name of the schedule that made the report; null when a caller asked for the report. */
  schedule: z.string().nullable(),
  asOf: z.string(),
  snapshotId: z.string(),
  snapshotAt: isoMoment,
  completeness: z.enum(["complete", "uncertain"]),
});
export type SeriesReport = z.infer<typeof SeriesReport>;

/**
 * The latest reports whose options are equal apart from `asOf` and `freshness`. A stored object that cannot be read
 * counts as an empty list.
 */
export const ReportSeries = z.object({ reports: z.array(SeriesReport) }).catch({ reports: [] });
export type ReportSeries = z.infer<typeof ReportSeries>;

const maxKept = 20;

/**
 * Adds a report, or replaces the one with the same id. Keeps the newest 20 reports of each schedule, and the newest
 * 20 reports without a schedule.
 */
export function addSeriesReport({ reports }: ReportSeries, member: SeriesReport): ReportSeries {
  const isOther = ({ id }: SeriesReport) => id !== member.id;
  const all = [...reports.filter(isOther), member];
  const siblings = all.filter(({ schedule }) => schedule === member.schedule).toSorted(compareAge);
  const dropped = new Set(siblings.slice(maxKept));
  return { reports: all.filter((one) => !dropped.has(one)) };
}

function compareAge(a: SeriesReport, b: SeriesReport): number {
  return Date.parse(b.snapshotAt) - Date.parse(a.snapshotAt);
}

type ReportPosition = Pick<SeriesReport, "schedule" | "asOf" | "snapshotId" | "snapshotAt">;

/**
 * Returns the earlier reports with which a report can be compared, the latest first. When the snapshots differ, an
 * earlier report has an older snapshot, and the same `asOf` or an earlier one. When both reports have the same
 * snapshot, an earlier report has an earlier `asOf`.
 *
 * A schedule's report is compared only with reports of the same schedule. Suppose that somebody asked for a report
 * yesterday: a monthly report that is compared with it would show the changes of one day only.
 */
export function listEarlierReports(
  { reports }: ReportSeries,
  { schedule, ...position }: ReportPosition,
): SeriesReport[] {
  return reports
    .filter((member) => schedule === null || member.schedule === schedule)
    .filter((member) => isEarlier(member, position))
    .toSorted((a, b) => compareText(b.asOf, a.asOf) || compareAge(a, b));
}

function isEarlier(
  member: SeriesReport,
  { asOf, snapshotId, snapshotAt }: Omit<ReportPosition, "schedule">,
): boolean {
  if (member.snapshotId === snapshotId) return member.asOf < asOf;
  return member.asOf <= asOf && Date.parse(member.snapshotAt) < Date.parse(snapshotAt);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
