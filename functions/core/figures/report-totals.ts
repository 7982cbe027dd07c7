import type { Day } from "../basics/calendar.ts";
import { formatDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import type { RemarkCode } from "../offer/offer--remark.ts";
import { isKnown, type Status } from "../offer/offer-status.ts";
import type { Offer } from "../offer/offer.ts";
import { isIssuedWithin, type Row, type Selection } from "../report/report-row.ts";
import { sumMeasures } from "./currency-sums.ts";
import { enterRow, type Ledger, openLedger } from "./report-totals--ledger.ts";

/** What a report counts while its rows go by. */
export type Tally = {
  /** Offers that the portal holds, those included that the options leave out. */
  offers: number;
  rows: number;
  /** Offers that are left out for one reason alone: they are of after the report's day. */
  later: Remarked;
  ledger: Ledger;
  remarks: Map<RemarkCode, Remarked>;
};

/** How many offers have a kind of remark, and the first of them by their numbers. */
export type Remarked = { offers: number; named: string[] };

export function emptyTally(asOf: Day): Tally {
  const later = { offers: 0, named: [] };
  return { offers: 0, rows: 0, later, ledger: openLedger(asOf), remarks: new Map() };
}

/** Counts an offer that has no row, where it would have one but for the report's day. */
export function countOmitted(tally: Tally, offer: Offer, selection: Selection): void {
  if (isKnown(offer, selection) || !isIssuedWithin(offer, selection.range)) return;
  countNamed(tally.later, offer.offerNumber ?? offer.id);
}

export function countRow(tally: Tally, row: Row): void {
  tally.rows += 1;
  enterRow(tally.ledger, row);
  if (row.remarks.length > 0) countRemarks(tally, row);
}

const mostNamed = 20;

function countRemarks({ remarks }: Tally, row: Row): void {
  for (const code of new Set(row.remarks.map((remark) => remark.code))) {
    const remarked = remarks.get(code) ?? { offers: 0, named: [] };
    remarks.set(code, remarked);
    countNamed(remarked, row.offerNumber ?? row.offerId);
  }
}

function countNamed(remarked: Remarked, name: string | null): void {
  remarked.offers += 1;
  if (name !== null && remarked.named.length < mostNamed) remarked.named.push(clipText(name));
}

export function listStatuses({ ledger }: Tally): Record<Status, number> {
  const { open, accepted, rejected, expired } = ledger.statuses;
  return {
    open: open.offers,
    accepted: accepted.offers,
    rejected: rejected.offers,
    expired: expired.offers,
  };
}

/** Exact sums per currency, with at least two decimals. */
export function listTotals({ ledger }: Tally): Record<string, string> {
  const { sums } = sumMeasures(Object.values(ledger.statuses));
  const sorted = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, sum]) => [currency, formatDecimal(sum)]));
}
