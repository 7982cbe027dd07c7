import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

/** A finished report, as a later one of the same options finds it. */
const SeriesReport = z.object({
  id: z.string(),
  /** Whose tick made it. */
  schedule: z.string().nullable(),
  asOf: z.string(),
  snapshotId: z.string(),
  snapshotAt: isoMoment,
  completeness: z.enum(["complete", "uncertain"]),
});
export type SeriesReport = z.infer<typeof SeriesReport>;

/** The last reports of the same options but for `asOf`. What cannot be read stands in nobody's way. */
export const ReportSeries = z.object({ reports: z.array(SeriesReport) }).catch({ reports: [] });
export type ReportSeries = z.infer<typeof ReportSeries>;

const maxKept = 20;

/** Of each schedule, and of those that were asked for, so many are kept; entered twice it is the same. */
export function addSeriesReport({ reports }: ReportSeries, member: SeriesReport): ReportSeries {
  const isOther = ({ id }: SeriesReport) => id !== member.id;
  const all = [...reports.filter(isOther), member];
  const own = all.filter(({ schedule }) => schedule === member.schedule).toSorted(compareAge);
  const dropped = new Set(own.slice(maxKept));
  return { reports: all.filter((one) => !dropped.has(one)) };
}

function compareAge(a: SeriesReport, b: SeriesReport): number {
  return Date.parse(b.snapshotAt) - Date.parse(a.snapshotAt);
}

type Place = Pick<SeriesReport, "schedule" | "asOf" | "snapshotId" | "snapshotAt">;

/**
 * The reports that came before this one, the nearest first: as of a day that is not later, and made of an older
 * snapshot, or of the same one. Before a tick's report came those of the same schedule's ticks only: what somebody
 * asked for in between must not make a month a day.
 */
export function listEarlierReports({ reports }: ReportSeries, { schedule, ...place }: Place): SeriesReport[] {
  return reports
    .filter((member) => schedule === null || member.schedule === schedule)
    .filter((member) => isEarlier(member, place))
    .toSorted((a, b) => compareText(b.asOf, a.asOf) || compareAge(a, b));
}

function isEarlier(member: SeriesReport, { asOf, snapshotId, snapshotAt }: Omit<Place, "schedule">): boolean {
  if (member.snapshotId === snapshotId) return member.asOf < asOf;
  return member.asOf <= asOf && Date.parse(member.snapshotAt) < Date.parse(snapshotAt);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
