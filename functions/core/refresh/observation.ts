import { hashText32 } from "../basics/string-set.ts";
import { isSamePage, type OfferPage } from "../crawl/offer-page.ts";
import { isRecord, type RawOffer, redactOffer } from "../offer/offer.ts";

/**
 * An observation is the answer to one request of a refresh. Observations stand in the order of their answers. Those
 * of one `round` were under way together, so nothing shows which is older.
 *
 * Example: in round 3, page 3 ends with offers A B and page 4 starts with offers A C, because an offer entered and B
 * was deleted between the two answers. Within one round this is no contradiction. If page 3 were of round 4, offer B
 * would have come back, and a crawl would replace the refresh.
 */
export type Observation = PageObservation | OfferObservation;

export type PageObservation = {
  kind: "page";
  round: number;
  number: number;
  ids: string[];
  fingerprints: number[];
  isLast: boolean;
  /** True when the page says that it is the last one, and nothing has proved it yet. */
  isUnproved?: boolean;
};

/** `fingerprint` is null when the portal no longer has the offer. */
export type OfferObservation = { kind: "offer"; round: number; id: string; fingerprint: number | null };

export function isPageObservation(observation: Observation): observation is PageObservation {
  return observation.kind === "page";
}

/** True for the last page with offers. Pages behind the end are empty. */
export function showsListEnd(observation: Observation | undefined): observation is PageObservation {
  return observation?.kind === "page" && observation.isLast && observation.ids.length > 0;
}

export function observePage(page: OfferPage, round: number, fingerprints: number[]): PageObservation {
  const { number, ids, isLast } = page;
  return { kind: "page", round, number, ids, fingerprints, isLast };
}

/** The fields that a report is made of. A change of any other field does not count as a change of the offer. */
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

/**
 * Returns a 32-bit hash that changes with the offer, except by chance once in four billion changes. It is the same
 * with and without the signature's image.
 */
export function fingerprintOffer(given: RawOffer): number {
  const offer = redactOffer(given, false);
  const known = isRecord(offer) ? fields.map((field) => offer[field] ?? null) : offer;
  return hashText32(JSON.stringify(known) ?? "") >>> 0;
}

/**
 * Returns the page to read next in the search for the end of the list: the expected last page first, then pages in
 * steps that double, forward or back. Once a page before and a page behind the end are known, it halves the range.
 */
export function chooseProbePage(observations: Observation[], expected: number): number {
  let [low, high] = [0, Infinity];
  for (const { number, ids, isLast } of observations.filter(isPageObservation)) {
    const isPast = isLast && ids.length === 0;
    if (isPast) high = number;
    else if (!isLast) low = Math.max(low, number);
    // The list has moved meanwhile: the newer observation counts.
    if (low >= high) [low, high] = isPast ? [0, high] : [low, Infinity];
  }
  if (high === Infinity) return low < expected ? expected : low + (low - expected) + 1;
  if (high === 1) throw new CrawlFallback("foreign");
  if (low + 1 === high) return low;
  if (low < expected && expected < high) return expected;
  const step = Math.max(1, expected - high + 1);
  return Math.max((low + high) >> 1, high - step);
}

/**
 * Corrects `isLast` in all observations: a page is the last one only when the page behind it was asked for and is
 * empty or shows the same offers again.
 *
 * Example: page 3 says that it is the last one. Until page 4 has been asked for it counts as any other page; the
 * search for the end asks for page 4 next.
 */
export function proveEnds(observations: Observation[]): Observation[] {
  const newest = new Map(observations.filter(isPageObservation).map((page) => [page.number, page]));
  const isEmpty = (page: PageObservation) =>
    page.ids.length === 0 || repeatsLast(page, newest.get(page.number - 1));
  return observations.map((observation) => {
    if (!isPageObservation(observation)) return observation;
    if (isEmpty(observation)) return { ...observation, ids: [], fingerprints: [], isLast: true };
    const behind = newest.get(observation.number + 1);
    const isLast = observation.isLast && behind !== undefined && isEmpty(behind);
    return { ...observation, isLast, isUnproved: observation.isLast && !isLast };
  });
}

function repeatsLast(page: PageObservation, before: PageObservation | undefined): boolean {
  return before !== undefined && before.isLast && isSamePage(page, before);
}

/**
 * Reasons why a crawl must replace a refresh:
 * `reordered`: offers have changed their order, or an offer that was gone is there again;
 * `inserted`: an unknown offer stands between known ones, or the list holds more offers than are known;
 * `foreign`: the list shows no known offer;
 * `uneven`: pages differ in length;
 * `contradicted`: the portal's answers exclude each other;
 * `shrunk`: too many offers are gone;
 * `restless`: the list moves faster than it can be read;
 * `costly`: a crawl takes no more requests.
 */
export type FallbackReason =
  "reordered" | "inserted" | "foreign" | "uneven" | "contradicted" | "shrunk" | "restless" | "costly";

/** Thrown inside a refresh when a crawl must replace it. `openRefreshPlan` catches it. */
export class CrawlFallback extends Error {
  readonly reason: FallbackReason;

  constructor(reason: FallbackReason) {
    super(reason);
    this.name = "Fallback";
    this.reason = reason;
  }
}
