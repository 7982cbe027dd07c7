import Big from "big.js";
import { type Calendar, type Day, parseDay } from "./calendar.ts";
import type { Doubt } from "./crawl.ts";
import type { Locale } from "./locale.ts";
import type { Offer } from "./offer.ts";
import type { RemarkCode } from "./remark.ts";
import { type IssueRange, resolveRange } from "./period.ts";
import type { Options } from "./option.ts";
import { makeRow, type Row } from "./row.ts";
import { isKnown, type Status } from "./status.ts";

/** Which offers a report lets through, and as of when it judges them. */
export type Selection = { asOf: Day; calendar: Calendar; range: IssueRange; status: ReadonlySet<Status> };

export function selectBy(options: Options, calendar: Calendar): Selection {
  const asOf = parseDay(options.asOf);
  if (asOf === null) throw new RangeError(`asOf is no day: ${options.asOf}`);
  return { asOf, calendar, range: resolveRange(options), status: new Set(options.status) };
}

/** The offer's row, or null where the options leave it out. */
export function selectRow(offer: Offer, selection: Selection): Row | null {
  if (!isKnown(offer, selection) || !isIssuedWithin(offer, selection.range)) return null;
  const row = makeRow(offer, selection);
  if (!selection.status.has(row.status)) return null;
  if (offer.issuedAt !== null || !isBounded(selection.range)) return row;
  return { ...row, remarks: [...row.remarks, { code: "periodUnknown" }] };
}

/** An offer without a usable issue date is kept: nothing is dropped for bad data. */
function isIssuedWithin({ issuedAt }: Offer, { from, to }: IssueRange): boolean {
  return issuedAt === null || ((from === null || issuedAt >= from) && (to === null || issuedAt <= to));
}

function isBounded({ from, to }: IssueRange): boolean {
  return from !== null || to !== null;
}

/** What a report counts while its rows go by. */
export type Tally = {
  /** Offers that the portal holds, those included that the options leave out. */
  offers: number;
  rows: number;
  statuses: Record<Status, number>;
  sums: Map<string, Big>;
  remarks: Map<RemarkCode, number>;
};

export function emptyTally(): Tally {
  const byStatus = { open: 0, accepted: 0, rejected: 0, expired: 0 };
  return { offers: 0, rows: 0, statuses: byStatus, sums: new Map(), remarks: new Map() };
}

/** ISO 4217 for "no currency". */
const noCurrency = "XXX";

export function countRow(tally: Tally, row: Row): void {
  tally.rows += 1;
  tally.statuses[row.status] += 1;
  for (const code of new Set(row.remarks.map((remark) => remark.code))) {
    tally.remarks.set(code, (tally.remarks.get(code) ?? 0) + 1);
  }
  if (row.amount === null) return;
  const currency = row.currency ?? noCurrency;
  tally.sums.set(currency, (tally.sums.get(currency) ?? new Big(0)).plus(row.amount));
}

/** Exact sums per currency, with at least two decimals. */
export function listTotals(tally: Tally): Record<string, string> {
  const sorted = [...tally.sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, sum]) => [currency, formatSum(sum)]));
}

function formatSum(sum: Big): string {
  const decimals = sum.toFixed().split(".")[1]?.length ?? 0;
  return sum.toFixed(Math.max(2, decimals));
}

/** What a reader should know of the whole report, in words. */
export function listRemarks(
  tally: Tally,
  locale: Locale,
  facts: { isPast: boolean; doubts: Doubt[] },
): string[] {
  return [
    ...facts.doubts.map((doubt) => locale.doubts[doubt]),
    ...(facts.isPast ? [locale.pastState] : []),
    ...[...tally.remarks].map(([code, count]) => locale.countRemarks(code, count)),
  ];
}
