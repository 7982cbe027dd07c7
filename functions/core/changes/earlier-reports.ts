import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

/** A finished report, as recorded for later reports with the same options, which compare themselves with it. */
const SeriesReport = z.object({
  id: z.string(),
  /** The schedule that made it; null for a report that somebody asked for. */
  schedule: z.string().nullable(),
  asOf: z.string(),
  snapshotId: z.string(),
  snapshotAt: isoMoment,
  completeness: z.enum(["complete", "uncertain"]),
});
export type SeriesReport = z.infer<typeof SeriesReport>;

/** The last reports with the same options, whatever their `asOf`. An unreadable object counts as empty. */
export const ReportSeries = z.object({ reports: z.array(SeriesReport) }).catch({ reports: [] });
export type ReportSeries = z.infer<typeof ReportSeries>;

const maxKept = 20;

/** Adds a report. Keeps the newest 20 reports of each schedule, and the newest 20 without a schedule. Idempotent. */
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
 * The reports before this one, the nearest first. Their `asOf` is not later, and their snapshot is older or the same.
 * A schedule's report follows only reports of that schedule: otherwise a report that somebody asked for yesterday would
 * make a monthly report show the changes of one day.
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
