import { isRecord, type RawOffer, redactOffer } from "../offer/offer.ts";
import { hashText32 } from "../basics/string-set.ts";

/** What a report is made of; whatever else the portal may come to give of an offer is no change of it. */
const fields = [
  "customerId",
  "offerNumber",
  "issuedAt",
  "expiresAt",
  "currency",
  "amount",
  "acceptedAt",
  "acceptanceSignature",
  "rejectedAt",
  "createdAt",
] as const;

/** Tells an offer that has changed, but for one change in four billion; the same with its evidence and without. */
export function fingerprintOffer(given: RawOffer): number {
  const offer = redactOffer(given, false);
  const known = isRecord(offer) ? fields.map((field) => offer[field] ?? null) : offer;
  return hashText32(JSON.stringify(known) ?? "") >>> 0;
}
