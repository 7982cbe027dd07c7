import type { Day } from "../basics/calendar.ts";
import { clipText } from "../basics/safe-text.ts";
import { dueDays } from "../offer/expiry-days.ts";
import { foldCurrency } from "../offer/offer--currency.ts";
import type { Row } from "../report/report-row.ts";
import { countOffer, emptyMeasure, type Measure, type Worth } from "./currency-sums.ts";
import { enterRanking, openRanking, type Ranking } from "./rankings.ts";

/** An offer to act on. `days` are those until its last valid day, or since. */
export type Due = Pick<
  Row,
  "offerNumber" | "offerId" | "customerId" | "customerName" | "currency" | "amount"
> & {
  expiresAt: Day;
  days: number;
};

/** All are counted; the most valuable of each currency are kept. */
export type DueList = { total: Measure; ranking: Ranking<Due> };

/** Open offers about to expire, those of them that expire first, and expired ones that may still be won. */
export type FollowUp = { expiring: DueList; expiringSoon: DueList; expired: DueList };
const mostDue = 500;
/** What a mail shows. */
const mostSoon = 10;

export function emptyFollowUp(): FollowUp {
  const empty = (most: number): DueList => ({ total: emptyMeasure(), ranking: openRanking(most) });
  return { expiring: empty(mostDue), expiringSoon: empty(mostSoon), expired: empty(mostDue) };
}

export function countDue(
  followUp: FollowUp,
  row: Row,
  { asOf, worth }: { asOf: Day; worth: Worth | null },
): void {
  const { status, expiresAt } = row;
  if (expiresAt === null || Math.abs(expiresAt - asOf) > dueDays) return;
  const due = makeDue(row, expiresAt, Math.abs(expiresAt - asOf));
  if (status === "open") enterDue(followUp.expiring, due, worth);
  if (row.expiringSoon === true) enterDue(followUp.expiringSoon, due, worth);
  if (status === "expired") enterDue(followUp.expired, due, worth);
}

function makeDue(row: Row, expiresAt: Day, days: number): Due {
  return {
    offerNumber: clipText(row.offerNumber),
    offerId: clipText(row.offerId),
    customerId: clipText(row.customerId),
    customerName: clipText(row.customerName),
    currency: foldCurrency(row.currency),
    amount: clipText(row.amount),
    expiresAt,
    days,
  };
}

function enterDue({ total, ranking }: DueList, due: Due, worth: Worth | null): void {
  countOffer(total, worth);
  enterRanking(ranking, { item: due, worth, days: due.days });
}
