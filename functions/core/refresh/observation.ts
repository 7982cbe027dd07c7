import { hashText32 } from "../basics/string-set.ts";
import type { OfferPage } from "../crawl/offer-page.ts";
import { isRecord, type RawOffer, redactOffer } from "../offer/offer.ts";

/**
 * What one request of a refresh showed. Sights stand in the order of their answers; those of one `round` were under
 * way together, so nothing tells which was first.
 */
export type Observation = PageObservation | OfferObservation;

export type PageObservation = {
  kind: "page";
  round: number;
  number: number;
  ids: string[];
  fingerprints: number[];
  isLast: boolean;
  /** Whether it says that it is the last page, and nothing has proved it. */
  isUnproved?: boolean;
};

/** `fingerprint` is null of an offer that the portal has no more. */
export type OfferObservation = { kind: "offer"; round: number; id: string; fingerprint: number | null };

export function isPageObservation(observation: Observation): observation is PageObservation {
  return observation.kind === "page";
}

/** Whether it shows that the list ends here; what is read beyond the last page is empty. */
export function showsListEnd(observation: Observation | undefined): observation is PageObservation {
  return observation?.kind === "page" && observation.isLast && observation.ids.length > 0;
}

export function observePage(page: OfferPage, round: number, fingerprints: number[]): PageObservation {
  const { number, ids, isLast } = page;
  return { kind: "page", round, number, ids, fingerprints, isLast };
}

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

/**
 * Why a refresh leaves it to a crawl:
 * `reordered`: offers stand in another order than before, or one that was gone is there again;
 * `inserted`: an unknown offer stands between known ones, or the list holds more than can be known of it;
 * `foreign`: nothing known is there, or nothing at all;
 * `uneven`: pages are of different length;
 * `contradicted`: the portal's answers exclude each other;
 * `shrunk`: more is gone than can be asked for;
 * `restless`: the list moves faster than it can be read;
 * `costly`: it would cost no less.
 */
export type FallbackReason =
  "reordered" | "inserted" | "foreign" | "uneven" | "contradicted" | "shrunk" | "restless" | "costly";

/** What the rules of a refresh do not explain, or do not save anything of: thrown to `openRefreshPlan`, a crawl it is. */
export class CrawlFallback extends Error {
  readonly reason: FallbackReason;

  constructor(reason: FallbackReason) {
    super(reason);
    this.name = "Fallback";
    this.reason = reason;
  }
}
