import type { Day } from "../basics/calendar.ts";
import { formatDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import { isKnownOffer, type Status, statuses } from "../offer/offer-status.ts";
import type { Offer, RemarkCode } from "../offer/offer.ts";
import { isIssuedWithin, type Row, type Selection } from "../report/report-row.ts";
import { countOffer, emptyTotalsBy, readOfferAmount, sumTotals } from "./currency-sums.ts";
import {
  type AgeBand,
  ageBands,
  countNumber,
  emptyMonthCounts,
  findAgeBand,
  findMonth,
  type Histogram,
  type MonthCounts,
  type TotalsByStatus,
} from "./distributions.ts";
import { countFollowUp, emptyFollowUpLists, type FollowUpLists } from "./follow-up-offers.ts";
import { countCustomer, type CustomerTotals } from "./rankings.ts";

/** What a report counts while its rows go by. */
export type ReportTotals = {
  /** Offers that the portal holds, those included that the options leave out. */
  offers: number;
  rows: number;
  /** Offers that are left out for one reason alone: they are of after the report's day. */
  later: RemarkCount;
  ledger: FigureCounter;
  remarks: Map<RemarkCode, RemarkCount>;
};

/** How many offers have a kind of remark, and the first of them by their numbers. */
export type RemarkCount = { offers: number; named: string[] };

export function emptyReportTotals(asOf: Day): ReportTotals {
  const later = { offers: 0, named: [] };
  return { offers: 0, rows: 0, later, ledger: openFigureCounter(asOf), remarks: new Map() };
}

/** Counts an offer that has no row, where it would have one but for the report's day. */
export function countOmitted(tally: ReportTotals, offer: Offer, selection: Selection): void {
  if (isKnownOffer(offer, selection) || !isIssuedWithin(offer, selection.range)) return;
  countNamed(tally.later, offer.offerNumber ?? offer.id);
}

export function countReportRow(tally: ReportTotals, row: Row): void {
  tally.rows += 1;
  countFigureRow(tally.ledger, row);
  if (row.remarks.length > 0) countRemarks(tally, row);
}

const maxNamed = 20;

function countRemarks({ remarks }: ReportTotals, row: Row): void {
  for (const code of new Set(row.remarks.map((remark) => remark.code))) {
    const remarked = remarks.get(code) ?? { offers: 0, named: [] };
    remarks.set(code, remarked);
    countNamed(remarked, row.offerNumber ?? row.offerId);
  }
}

function countNamed(remarked: RemarkCount, name: string | null): void {
  remarked.offers += 1;
  if (name !== null && remarked.named.length < maxNamed) remarked.named.push(clipText(name));
}

export function listStatusCounts({ ledger }: ReportTotals): Record<Status, number> {
  const { open, accepted, rejected, expired } = ledger.statuses;
  return {
    open: open.offers,
    accepted: accepted.offers,
    rejected: rejected.offers,
    expired: expired.offers,
  };
}

/** Exact sums per currency, with at least two decimals. */
export function listCurrencyTotals({ ledger }: ReportTotals): Record<string, string> {
  const { sums } = sumTotals(Object.values(ledger.statuses));
  const sorted = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, sum]) => [currency, formatDecimal(sum)]));
}

/** What a report's figures are drawn from: grows with its customers and currencies, never with its offers. */
export type FigureCounter = {
  asOf: Day;
  statuses: TotalsByStatus;
  daysToDecision: Histogram;
  /** Open offers. */
  ageing: Record<AgeBand, TotalsByStatus["open"]>;
  months: MonthCounts;
  customers: CustomerTotals;
  followUp: FollowUpLists;
  /** Offers by the currency of their amount. */
  currencies: Map<string, number>;
  /** Offers without an amount that can be read. */
  unvalued: number;
};

export function openFigureCounter(asOf: Day): FigureCounter {
  return {
    asOf,
    statuses: emptyTotalsBy(statuses),
    daysToDecision: new Map(),
    ageing: emptyTotalsBy(ageBands),
    months: emptyMonthCounts(asOf),
    customers: new Map(),
    followUp: emptyFollowUpLists(),
    currencies: new Map(),
    unvalued: 0,
  };
}

export function countFigureRow(ledger: FigureCounter, row: Row): void {
  const worth = readOfferAmount(row);
  const { asOf, currencies } = ledger;
  if (worth === null) ledger.unvalued += 1;
  else currencies.set(worth.currency, (currencies.get(worth.currency) ?? 0) + 1);
  countOffer(ledger.statuses[row.status], worth);
  countOffer(findMonth(ledger.months, row.issuedAt)[row.status], worth);
  if (row.daysToDecision !== null) countNumber(ledger.daysToDecision, row.daysToDecision);
  countFollowUp(ledger.followUp, row, { asOf, worth });
  if (row.status !== "open") return;
  countOffer(ledger.ageing[findAgeBand(row)], worth);
  if (worth !== null) countCustomer(ledger.customers, row, worth);
}
