import { type Day, dayMs } from "../basics/calendar.ts";
import { emptyMeasures, type Measure } from "./currency-sums.ts";
import { type Status, statuses } from "../offer/offer-status.ts";

export type ByStatus = Record<Status, Measure>;

/** The last months up to that of the day of judgement, and what was issued outside of them. */
export type Months = {
  /** The first month: months since January 1970. */
  first: number;
  months: ByStatus[];
  earlier: ByStatus;
  later: ByStatus;
  unknown: ByStatus;
};

const lastMonths = 24;

export function emptyMonths(asOf: Day): Months {
  const empty = () => emptyMeasures(statuses);
  const months = Array.from({ length: lastMonths }, empty);
  const first = monthOf(asOf) - lastMonths + 1;
  return { first, months, earlier: empty(), later: empty(), unknown: empty() };
}

export function findMonth(
  { first, months, earlier, later, unknown }: Months,
  issuedAt: Day | null,
): ByStatus {
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
