import type { Day } from "./calendar.ts";
import { clipText } from "./fit.ts";
import { countOffer, emptyMeasure, type Measure, type Worth } from "./measure.ts";
import { enterRanking, openRanking, type Ranking } from "./ranking.ts";
import type { Row } from "./row.ts";

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

/** Open offers about to expire, and expired ones that may still be won. */
export type FollowUp = { expiring: DueList; expired: DueList };

export const dueDays = 14;
const mostDue = 500;

export function emptyFollowUp(): FollowUp {
  const empty = (): DueList => ({ total: emptyMeasure(), ranking: openRanking(mostDue) });
  return { expiring: empty(), expired: empty() };
}

export function countDue(
  followUp: FollowUp,
  row: Row,
  { asOf, worth }: { asOf: Day; worth: Worth | null },
): void {
  const { status, expiresAt } = row;
  if (expiresAt === null || Math.abs(expiresAt - asOf) > dueDays) return;
  if (status === "open") enterDue(followUp.expiring, makeDue(row, expiresAt, expiresAt - asOf), worth);
  if (status === "expired") enterDue(followUp.expired, makeDue(row, expiresAt, asOf - expiresAt), worth);
}

function makeDue(row: Row, expiresAt: Day, days: number): Due {
  return {
    offerNumber: clipText(row.offerNumber),
    offerId: clipText(row.offerId),
    customerId: clipText(row.customerId),
    customerName: clipText(row.customerName),
    currency: clipText(row.currency),
    amount: clipText(row.amount),
    expiresAt,
    days,
  };
}

function enterDue({ total, ranking }: DueList, due: Due, worth: Worth | null): void {
  countOffer(total, worth);
  enterRanking(ranking, { item: due, worth, days: due.days });
}
