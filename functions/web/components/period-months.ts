import type { Options } from "../../core/options/export-options.ts";

/** The first and the last month of a period, as `YYYY-MM`, both included. */
export type MonthSpan = { first: string; last: string };

/**
 * Returns the months of a period, counted from the day `asOf`; null when the period or the day is not valid. The server
 * resolves periods with a library that would make the page much larger.
 */
export function findPeriodMonths(period: string, asOf: string): MonthSpan | null {
  if (/^\d{4}$/.test(period)) return { first: `${period}-01`, last: `${period}-12` };
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return { first: period, last: period };
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])-\d\d$/.exec(asOf) ?? [];
  if (year === undefined || month === undefined) return null;
  const now = Number(year) * 12 + Number(month) - 1;
  const quarter = now - (now % 3);
  if (period === "this-month") return spanMonths(now, 1);
  if (period === "last-month") return spanMonths(now - 1, 1);
  if (period === "last-quarter") return spanMonths(quarter - 3, 3);
  return period === "this-year" ? spanMonths(now - (now % 12), 12) : null;
}

/** `start` is a number of months since the year 0. */
function spanMonths(start: number, count: number): MonthSpan {
  return { first: formatMonthNumber(start), last: formatMonthNumber(start + count - 1) };
}

function formatMonthNumber(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, "0")}-${String((number % 12) + 1).padStart(2, "0")}`;
}

export type IssueOptions = Pick<Options, "period" | "issuedFrom" | "issuedTo" | "asOf">;

/** Returns the months in which the options let offers be issued. Null means that there is no bound. */
export function findIssueMonths({ period, issuedFrom, issuedTo, asOf }: IssueOptions): {
  first: string | null;
  last: string | null;
} {
  if (period !== null) return findPeriodMonths(period, asOf) ?? { first: null, last: null };
  return { first: issuedFrom?.slice(0, 7) ?? null, last: issuedTo?.slice(0, 7) ?? null };
}
