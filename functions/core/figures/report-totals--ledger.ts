import { ageBands, type AgeBand, findAgeBand } from "./distributions--ageing.ts";
import type { Day } from "../basics/calendar.ts";
import { countCustomer, type CustomerTotals } from "./rankings--customers.ts";
import { countFollowUp, emptyFollowUpLists, type FollowUpLists } from "./follow-up-offers.ts";
import { countNumber, type Histogram } from "./distributions--histogram.ts";
import { countOffer, emptyTotalsBy, readOfferAmount } from "./currency-sums.ts";
import { type TotalsByStatus, emptyMonthCounts, findMonth, type MonthCounts } from "./distributions.ts";
import type { Row } from "../report/report-row.ts";
import { statuses } from "../offer/offer-status.ts";

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
