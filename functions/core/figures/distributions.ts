import { type Day, dayMs } from "../basics/calendar.ts";
import { emptyTotalsBy, type OfferTotals } from "./currency-sums.ts";
import { type Status, statuses } from "../offer/offer-status.ts";

export type TotalsByStatus = Record<Status, OfferTotals>;

/** The last months up to that of the day of judgement, and what was issued outside of them. */
export type MonthCounts = {
  /** The first month: months since January 1970. */
  first: number;
  months: TotalsByStatus[];
  earlier: TotalsByStatus;
  later: TotalsByStatus;
  unknown: TotalsByStatus;
};

const lastMonths = 24;

export function emptyMonthCounts(asOf: Day): MonthCounts {
  const empty = () => emptyTotalsBy(statuses);
  const months = Array.from({ length: lastMonths }, empty);
  const first = monthOf(asOf) - lastMonths + 1;
  return { first, months, earlier: empty(), later: empty(), unknown: empty() };
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

/** Writes a month as `YYYY-MM`. */
export function formatMonth(month: number): string {
  return new Date(Date.UTC(1970, month)).toISOString().slice(0, 7);
}
