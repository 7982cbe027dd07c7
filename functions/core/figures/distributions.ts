import { type Day, dayMs } from "../basics/calendar.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import type { IssueRange } from "../options/export-options.ts";
import type { Row } from "../report/report-row.ts";
import { emptyTotalsBy, type OfferTotals } from "./currency-sums.ts";

export type TotalsByStatus = Record<Status, OfferTotals>;

/**
 * The offers by month of issue, for 24 months. `earlier` and `later` count offers issued before and after these
 * months, and `unknown` counts offers without a readable issue date.
 */
export type MonthCounts = {
  /** The first of the months, as a number of months since January 1970. */
  first: number;
  months: TotalsByStatus[];
  earlier: TotalsByStatus;
  later: TotalsByStatus;
  unknown: TotalsByStatus;
};

const monthCount = 24;

/**
 * Returns empty counts for 24 months. The last one is that of the day `asOf`, or the last one of the report's period
 * when that is earlier. When the period begins after `asOf`, the months are the first ones of the period.
 */
export function emptyMonthCounts(asOf: Day, range: IssueRange): MonthCounts {
  const empty = () => emptyTotalsBy(statuses);
  const months = Array.from({ length: monthCount }, empty);
  const first = findLastMonth(monthOf(asOf), range) - monthCount + 1;
  return { first, months, earlier: empty(), later: empty(), unknown: empty() };
}

function findLastMonth(present: number, { from, to }: IssueRange): number {
  const end = to === null ? Infinity : monthOf(to);
  const isLater = from !== null && monthOf(from) > present;
  return Math.min(end, isLater ? monthOf(from) + monthCount - 1 : present);
}

export function findMonth(
  { first, months, earlier, later, unknown }: MonthCounts,
  issuedAt: Day | null,
): TotalsByStatus {
  if (issuedAt === null) return unknown;
  const index = monthOf(issuedAt) - first;
  return index < 0 ? earlier : (months[index] ?? later);
}

function monthOf(day: Day): number {
  const date = new Date(day * dayMs);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** Formats a month as `YYYY-MM`. The month is given as a number of months since January 1970. */
export function formatMonth(month: number): string {
  return new Date(Date.UTC(1970, month)).toISOString().slice(0, 7);
}

/**
 * The age bands of open offers, in days since the issue date. `later` is for offers issued after the report's day,
 * and `unknown` for offers without a readable issue date. Stored figures contain these names, so the names must not
 * change.
 */
export const ageBands = ["0-7", "8-14", "15-30", "31-60", "61+", "later", "unknown"] as const;
export type AgeBand = (typeof ageBands)[number];

/** The last day of each age band, read from the band's name. NaN when the name has no last day. */
const lastDays = ageBands.map((band) => Number(band.split("-")[1]));

export function findAgeBand({ daysOpen }: Row): AgeBand {
  if (daysOpen === null) return "unknown";
  if (daysOpen < 0) return "later";
  const index = lastDays.findIndex((last) => daysOpen <= last);
  return ageBands[index] ?? "61+";
}

/** Maps each whole number to how often it was counted. The map has one entry for each different number. */
export type Histogram = Map<number, number>;

export function countNumber(histogram: Histogram, number: number): void {
  histogram.set(number, (histogram.get(number) ?? 0) + 1);
}

/**
 * Returns the count, the median and the mean of the counted numbers. The mean is rounded to four decimals. Median and
 * mean are null when nothing was counted.
 */
export function describeHistogram(histogram: Histogram): {
  count: number;
  median: number | null;
  mean: number | null;
} {
  const sorted = [...histogram].toSorted(([a], [b]) => a - b);
  const count = sorted.reduce((sum, [, times]) => sum + times, 0);
  if (count === 0) return { count, median: null, mean: null };
  const total = sorted.reduce((sum, [number, times]) => sum + number * times, 0);
  const low = findRank(sorted, Math.floor((count - 1) / 2));
  const high = findRank(sorted, Math.floor(count / 2));
  return { count, median: (low + high) / 2, mean: Math.round((total / count) * 10_000) / 10_000 };
}

function findRank(sorted: [number, number][], rank: number): number {
  let passed = 0;
  for (const [number, times] of sorted) {
    passed += times;
    if (passed > rank) return number;
  }
  return Number.NaN;
}
