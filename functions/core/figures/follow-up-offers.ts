import type { Day } from "../basics/calendar.ts";
import { clipText } from "../basics/safe-text.ts";
import { recentlyExpiredDays } from "../offer/offer-status.ts";
import { foldCurrency } from "../offer/offer.ts";
import type { Row } from "../report/report-row.ts";
import { countOffer, emptyTotals, type OfferTotals, type OfferAmount } from "./currency-sums.ts";
import { addRanked, openRanking, type Ranking } from "./rankings.ts";

/** An offer to follow up. `days` is the number of days until the offer's last valid day, or since that day. */
export type FollowUpOffer = Pick<
  Row,
  "offerNumber" | "offerId" | "customerId" | "customerName" | "currency" | "amount"
> & {
  expiresAt: Day;
  days: number;
};

/**
 * A list of offers to follow up. The total includes all offers, and the ranking keeps the most valuable ones of each
 * currency.
 */
export type FollowUpList = { total: OfferTotals; ranking: Ranking<FollowUpOffer> };

/**
 * `expiring` are the open offers that expire soon, as the column `expiringSoon` says. `expired` are the offers that
 * expired in the last `recentlyExpiredDays` days.
 */
export type FollowUpLists = { expiring: FollowUpList; expired: FollowUpList };
const maxSheetRows = 500;

export function emptyFollowUpLists(): FollowUpLists {
  const empty = (): FollowUpList => ({ total: emptyTotals(), ranking: openRanking(maxSheetRows) });
  return { expiring: empty(), expired: empty() };
}

export function countFollowUp(
  followUp: FollowUpLists,
  row: Row,
  { asOf, amount }: { asOf: Day; amount: OfferAmount | null },
): void {
  const { status, expiresAt, expiringSoon } = row;
  if (expiresAt === null) return;
  const days = Math.abs(expiresAt - asOf);
  if (expiringSoon === true)
    addFollowUpOffer(followUp.expiring, makeFollowUpOffer(row, expiresAt, days), amount);
  if (status === "expired" && days <= recentlyExpiredDays)
    addFollowUpOffer(followUp.expired, makeFollowUpOffer(row, expiresAt, days), amount);
}

function makeFollowUpOffer(row: Row, expiresAt: Day, days: number): FollowUpOffer {
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

function addFollowUpOffer(
  { total, ranking }: FollowUpList,
  offer: FollowUpOffer,
  amount: OfferAmount | null,
): void {
  countOffer(total, amount);
  addRanked(ranking, { item: offer, worth: amount, days: offer.days });
}
