import type { Day } from "../basics/calendar.ts";
import { clipText } from "../basics/safe-text.ts";
import { followUpDays } from "../offer/expiry-days.ts";
import { foldCurrency } from "../offer/offer.ts";
import type { Row } from "../report/report-row.ts";
import { countOffer, emptyTotals, type OfferTotals, type OfferAmount } from "./currency-sums.ts";
import { addRanked, openRanking, type Ranking } from "./rankings.ts";

/** An offer to act on. `days` are those until its last valid day, or since. */
export type FollowUpOffer = Pick<
  Row,
  "offerNumber" | "offerId" | "customerId" | "customerName" | "currency" | "amount"
> & {
  expiresAt: Day;
  days: number;
};

/** All are counted; the most valuable of each currency are kept. */
export type FollowUpList = { total: OfferTotals; ranking: Ranking<FollowUpOffer> };

/** Open offers about to expire, those of them that expire first, and expired ones that may still be won. */
export type FollowUpLists = { expiring: FollowUpList; expiringSoon: FollowUpList; expired: FollowUpList };
const maxDue = 500;
/** What a mail shows. */
const maxSoon = 10;

export function emptyFollowUpLists(): FollowUpLists {
  const empty = (most: number): FollowUpList => ({ total: emptyTotals(), ranking: openRanking(most) });
  return { expiring: empty(maxDue), expiringSoon: empty(maxSoon), expired: empty(maxDue) };
}

export function countFollowUp(
  followUp: FollowUpLists,
  row: Row,
  { asOf, worth }: { asOf: Day; worth: OfferAmount | null },
): void {
  const { status, expiresAt } = row;
  if (expiresAt === null || Math.abs(expiresAt - asOf) > followUpDays) return;
  const due = makeDue(row, expiresAt, Math.abs(expiresAt - asOf));
  if (status === "open") enterDue(followUp.expiring, due, worth);
  if (row.expiringSoon === true) enterDue(followUp.expiringSoon, due, worth);
  if (status === "expired") enterDue(followUp.expired, due, worth);
}

function makeDue(row: Row, expiresAt: Day, days: number): FollowUpOffer {
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

function enterDue({ total, ranking }: FollowUpList, due: FollowUpOffer, worth: OfferAmount | null): void {
  countOffer(total, worth);
  addRanked(ranking, { item: due, worth, days: due.days });
}
