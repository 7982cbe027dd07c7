import { parseMoment } from "../basics/calendar.ts";
import { isRecord, type RawOffer } from "../offer/offer.ts";
import type { CrawlState } from "./crawl-state.ts";
import type { OfferPage } from "./offer-page.ts";

/** By so much the portal's clock and ours may differ. */
const toleranceMs = 2 * 60_000;

/** When the offer was created, in ms since 1970; null where the portal does not say it with an offset. */
function readCreatedMs(offer: RawOffer): number | null {
  const text = isRecord(offer) ? offer["createdAt"] : null;
  return typeof text === "string" ? parseMoment(text.trim()) : null;
}

/** Whether the offer surely was there when the reading began. */
export function wasCreatedBefore(offer: RawOffer, startedMs: number | null): boolean {
  const createdMs = readCreatedMs(offer);
  return startedMs !== null && createdMs !== null && createdMs < startedMs - toleranceMs;
}

/** Whether all offers of the page came in the course of the crawl, but for those that were seen before. */
export function areNewOffers({ offers, ids }: OfferPage, { startedMs }: CrawlState, seenIds: string[]): boolean {
  const unseen = offers.filter((_offer, index) => !seenIds.includes(ids[index] ?? ""));
  return unseen.every((offer) => {
    const createdMs = readCreatedMs(offer);
    return startedMs !== null && createdMs !== null && createdMs >= startedMs - toleranceMs;
  });
}
