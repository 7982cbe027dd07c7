import { hashText32 } from "../basics/string-set.ts";
import { isSamePage, type OfferPage } from "../crawl/offer-page.ts";
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
 * The page to read for the end of the list, by what these sights tell of it: the expected one, then steps that
 * double on from it, or back; else the way between is halved.
 */
export function chooseProbePage(observations: Observation[], expected: number): number {
  let [low, high] = [0, Infinity];
  for (const { number, ids, isLast } of observations.filter(isPageObservation)) {
    const isPast = isLast && ids.length === 0;
    if (isPast) high = number;
    else if (!isLast) low = Math.max(low, number);
    // The list has moved meanwhile: the newer sight counts.
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
 * The sights by what rows tell of the list's end: a page is the last one only where the one behind it was asked for
 * and has no rows, or shows the same once more.
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
