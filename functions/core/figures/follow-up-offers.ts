import type { Day } from "../basics/calendar.ts";
import { clipText } from "../basics/safe-text.ts";
import { followUpDays } from "../offer/offer-status.ts";
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
 * `expiring` are the open offers that expire in the next `followUpDays` days. `expired` are the offers that expired
 * in the last `followUpDays` days. `expiringSoon` are the open offers with at most `expiringSoonDays` days left, for
 * the mail.
 */
export type FollowUpLists = { expiring: FollowUpList; expiringSoon: FollowUpList; expired: FollowUpList };
const maxSheetRows = 500;
const maxMailRows = 10;

export function emptyFollowUpLists(): FollowUpLists {
  const empty = (max: number): FollowUpList => ({ total: emptyTotals(), ranking: openRanking(max) });
  return { expiring: empty(maxSheetRows), expiringSoon: empty(maxMailRows), expired: empty(maxSheetRows) };
}

export function countFollowUp(
  followUp: FollowUpLists,
  row: Row,
  { asOf, amount }: { asOf: Day; amount: OfferAmount | null },
): void {
  const { status, expiresAt } = row;
  if (expiresAt === null || Math.abs(expiresAt - asOf) > followUpDays) return;
  const offer = makeFollowUpOffer(row, expiresAt, Math.abs(expiresAt - asOf));
  if (status === "open") addFollowUpOffer(followUp.expiring, offer, amount);
  if (row.expiringSoon === true) addFollowUpOffer(followUp.expiringSoon, offer, amount);
  if (status === "expired") addFollowUpOffer(followUp.expired, offer, amount);
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
