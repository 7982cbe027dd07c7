import type { Day } from "../basics/calendar.ts";
import { formatDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import { isKnownOffer, type Status, statuses } from "../offer/offer-status.ts";
import type { Offer, RemarkCode } from "../offer/offer.ts";
import type { IssueRange } from "../options/export-options.ts";
import { isIssuedWithin, type Row, type Selection } from "../report/report-row.ts";
import { countOffer, emptyTotalsBy, type OfferAmount, readOfferAmount, sumTotals } from "./currency-sums.ts";
import { type CustomerTotals, openCustomerTotals } from "./customer-totals.ts";
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

/** The counts that a report collects from its rows, one row at a time. */
export type ReportTotals = {
  /** The number of offers in the portal, including those that the options exclude. */
  offers: number;
  rows: number;
  /**
   * The offers in the report's period of issue that were created and issued after the report's day. The report leaves
   * them out.
   */
  later: RemarkCount;
  ledger: FigureCounter;
  remarks: Map<RemarkCode, RemarkCount>;
};

/** The number of offers with one kind of remark, and the offer numbers of the first of these offers. */
export type RemarkCount = { offers: number; named: string[] };

export function emptyReportTotals(asOf: Day, scope?: Partial<FigureScope>): ReportTotals {
  const later = { offers: 0, named: [] };
  return { offers: 0, rows: 0, later, ledger: openFigureCounter(asOf, scope), remarks: new Map() };
}

/**
 * Call this function for an offer without a row. The offer counts in `later` when it is in the report's period of
 * issue, but was created and issued after the report's day.
 */
export function countOmitted(totals: ReportTotals, offer: Offer, selection: Selection): void {
  if (isKnownOffer(offer, selection) || !isIssuedWithin(offer, selection.range)) return;
  countNamed(totals.later, offer.offerNumber ?? offer.id);
}

export function countReportRow(totals: ReportTotals, row: Row): void {
  totals.rows += 1;
  countFigureRow(totals.ledger, row);
  if (row.remarks.length > 0) countRemarks(totals, row);
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

/** Returns the exact sum of the rows' amounts per currency, with at least two decimals. */
export function listCurrencyTotals({ ledger }: ReportTotals): Record<string, string> {
  const { sums } = sumTotals(Object.values(ledger.statuses));
  const sorted = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, sum]) => [currency, formatDecimal(sum)]));
}

/**
 * The counts from which a report's figures are calculated. Their size depends on the number of customers and
 * currencies, not on the number of offers.
 */
export type FigureCounter = {
  asOf: Day;
  customerScope: CustomerScope;
  statuses: TotalsByStatus;
  daysToDecision: Histogram;
  /** The open offers, by the number of days since their issue. */
  ageing: Record<AgeBand, TotalsByStatus["open"]>;
  months: MonthCounts;
  customers: CustomerTotals;
  followUp: FollowUpLists;
  /** The number of offers with a readable amount, by currency. */
  currencies: Map<string, number>;
  /** The number of offers without a readable amount. */
  unvalued: number;
};

/**
 * The offers that customers' totals include. `every` is for a report with a sheet of customers. `needed` includes only
 * the offers that figures and remarks need: open offers with an amount, and those of customers without a known name.
 */
export type CustomerScope = "every" | "needed";

/** `range` is the report's period of issue. */
export type FigureScope = { customers: CustomerScope; range: IssueRange };

const always: IssueRange = { from: null, to: null };

export function openFigureCounter(
  asOf: Day,
  { customers = "every", range = always }: Partial<FigureScope> = {},
): FigureCounter {
  return {
    asOf,
    customerScope: customers,
    statuses: emptyTotalsBy(statuses),
    daysToDecision: new Map(),
    ageing: emptyTotalsBy(ageBands),
    months: emptyMonthCounts(asOf, range),
    customers: openCustomerTotals(),
    followUp: emptyFollowUpLists(),
    currencies: new Map(),
    unvalued: 0,
  };
}

export function countFigureRow(counter: FigureCounter, row: Row): void {
  const amount = readOfferAmount(row);
  const { asOf, currencies } = counter;
  if (amount === null) counter.unvalued += 1;
  else currencies.set(amount.currency, (currencies.get(amount.currency) ?? 0) + 1);
  countOffer(counter.statuses[row.status], amount);
  countOffer(findMonth(counter.months, row.issuedAt)[row.status], amount);
  if (row.daysToDecision !== null) countNumber(counter.daysToDecision, row.daysToDecision);
  countFollowUp(counter.followUp, row, { asOf, amount });
  if (row.status === "open") countOffer(counter.ageing[findAgeBand(row)], amount);
  if (counter.customerScope === "every" || isNeeded(row, amount)) counter.customers.add(row, amount);
}

function isNeeded({ status, customerId, customerName }: Row, amount: OfferAmount | null): boolean {
  return (status === "open" && amount !== null) || (customerName !== null && customerName === customerId);
}
