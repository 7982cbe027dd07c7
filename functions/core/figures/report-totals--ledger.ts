import { ages, type Age, findAge } from "./distributions--ageing.ts";
import type { Day } from "../basics/calendar.ts";
import { countCustomer, type Customers } from "./rankings--customers.ts";
import { countDue, emptyFollowUp, type FollowUp } from "./follow-up-offers.ts";
import { countNumber, type Histogram } from "./distributions--histogram.ts";
import { countOffer, emptyMeasures, readWorth } from "./currency-sums.ts";
import { type ByStatus, emptyMonths, findMonth, type Months } from "./distributions.ts";
import type { Row } from "../report/report-row.ts";
import { statuses } from "../offer/offer-status.ts";

/** What a report's figures are drawn from: grows with its customers and currencies, never with its offers. */
export type Ledger = {
  asOf: Day;
  statuses: ByStatus;
  daysToDecision: Histogram;
  /** Open offers. */
  ageing: Record<Age, ByStatus["open"]>;
  months: Months;
  customers: Customers;
  followUp: FollowUp;
  /** Offers by the currency of their amount. */
  currencies: Map<string, number>;
  /** Offers without an amount that can be read. */
  unvalued: number;
};

export function openLedger(asOf: Day): Ledger {
  return {
    asOf,
    statuses: emptyMeasures(statuses),
    daysToDecision: new Map(),
    ageing: emptyMeasures(ages),
    months: emptyMonths(asOf),
    customers: new Map(),
    followUp: emptyFollowUp(),
    currencies: new Map(),
    unvalued: 0,
  };
}

export function enterRow(ledger: Ledger, row: Row): void {
  const worth = readWorth(row);
  const { asOf, currencies } = ledger;
  if (worth === null) ledger.unvalued += 1;
  else currencies.set(worth.currency, (currencies.get(worth.currency) ?? 0) + 1);
  countOffer(ledger.statuses[row.status], worth);
  countOffer(findMonth(ledger.months, row.issuedAt)[row.status], worth);
  if (row.daysToDecision !== null) countNumber(ledger.daysToDecision, row.daysToDecision);
  countDue(ledger.followUp, row, { asOf, worth });
  if (row.status !== "open") return;
  countOffer(ledger.ageing[findAge(row)], worth);
  if (worth !== null) countCustomer(ledger.customers, row, worth);
}
