import type { Figures } from "../../core/figures/figures.ts";
import type { Options } from "../../core/options/export-options.ts";
import { hasPeriod } from "../../core/options/offer-filter.ts";
import { findIssueMonths } from "./period-months.ts";

export type ReportMonth = Figures["months"][number];

/**
 * The months that a result shows. `older` is the number of offers of a period that were issued before the first month
 * with figures. The type `old` is for a period that has hardly any month with figures. Only exports of earlier versions
 * have such periods.
 */
export type ShownMonths =
  | { type: "last"; months: ReportMonth[]; older: 0 }
  | { type: "period"; months: ReportMonth[]; older: number }
  | { type: "old"; since: string; older: number };

const lastMonths = 12;

/**
 * Chooses the months that a result shows: those of the report's period, or the last twelve of a report without a
 * period. Returns null for a period within one month, because its only bar would repeat the counts of the statuses, and
 * for a period without dated offers.
 */
export function chooseMonths(
  { months: all }: Pick<Figures, "months">,
  options: Pick<Options, "status" | "period" | "issuedFrom" | "issuedTo" | "asOf">,
): ShownMonths | null {
  const named = all.filter(({ month }) => /^\d/.test(month));
  const [oldest] = named;
  if (oldest === undefined) return null;
  if (!hasPeriod(options)) return { type: "last", months: named.slice(-lastMonths), older: 0 };
  const { first, last } = findIssueMonths(options);
  if (first !== null && first === last) return null;
  const months = named.filter(
    ({ month }) => (first === null || month >= first) && (last === null || month <= last),
  );
  const older = all.find(({ month }) => month === "earlier");
  const olderCount = older === undefined ? 0 : countIssued(older);
  if (months.length > 1 && months.some((month) => countIssued(month) > 0))
    return { type: "period", months, older: olderCount };
  return olderCount === 0 ? null : { type: "old", since: oldest.month, older: olderCount };
}

export function countIssued({ statuses }: ReportMonth): number {
  return Object.values(statuses).reduce((sum, { offers }) => sum + offers, 0);
}
