import { hashText32 } from "../basics/string-set.ts";
import { isSamePage, type OfferPage } from "../crawl/offer-page.ts";
import { isRecord, type RawOffer, redactOffer } from "../offer/offer.ts";

/**
 * An observation is the answer to one request of a refresh. Observations are in the order of their rounds. The
 * requests of one `round` were under way at the same time, so nothing shows which of their answers is older.
 *
 * Example: in round 3, page 3 ends with offers A B and page 4 starts with offers A C. This is no contradiction,
 * because two offers may have been added and B deleted between the two answers. If page 3 still showed B in round 4,
 * after page 4, the deleted offer B would have come back, and a crawl would replace the refresh.
 */
export type Observation = PageObservation | OfferObservation;

export type PageObservation = {
  kind: "page";
  round: number;
  number: number;
  ids: string[];
  fingerprints: number[];
  isLast: boolean;
  /** True when the page says that it is the last one, but the page after it has not confirmed this yet. */
  isUnproved?: boolean;
};

/** The answer to a request for a single offer. `fingerprint` is null when the portal no longer has the offer. */
export type OfferObservation = { kind: "offer"; round: number; id: string; fingerprint: number | null };

export function isPageObservation(observation: Observation): observation is PageObservation {
  return observation.kind === "page";
}

/** True for an observation of the last page. Pages after the end of the list are empty, so they do not count. */
export function showsListEnd(observation: Observation | undefined): observation is PageObservation {
  return observation?.kind === "page" && observation.isLast && observation.ids.length > 0;
}

export function observePage(page: OfferPage, round: number, fingerprints: number[]): PageObservation {
  const { number, ids, isLast } = page;
  return { kind: "page", round, number, ids, fingerprints, isLast };
}

/** The fields of an offer that a report uses. A change of any other field does not count as a change of the offer. */
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
 * Returns a 32-bit hash of the fields that a report uses. When one of these fields changes, the hash changes, too,
 * except by chance once in four billion changes. The hash is the same with and without the image of the signature.
 */
export function fingerprintOffer(given: RawOffer): number {
  const offer = redactOffer(given, false);
  const known = isRecord(offer) ? fields.map((field) => offer[field] ?? null) : offer;
  return hashText32(JSON.stringify(known) ?? "") >>> 0;
}

/**
 * Returns the next page to read in the search for the end of the list. First comes the expected last page. Then come
 * pages at doubling distances from it, forward or back. Once a page before the end and a page after the end are
 * known, the search halves the range between these two pages.
 */
export function chooseProbePage(observations: Observation[], expected: number): number {
  let [low, high] = [0, Infinity];
  for (const { number, ids, isLast } of observations.filter(isPageObservation)) {
    const isPast = isLast && ids.length === 0;
    if (isPast) high = number;
    else if (!isLast) low = Math.max(low, number);
    // `low` must be before `high`. Otherwise the list has changed between these two observations, and only the newer
    // one is used.
    if (low >= high) [low, high] = isPast ? [0, high] : [low, Infinity];
  }
  if (high === Infinity) return low < expected ? expected : low + (low - expected) + 1;
  if (high === 1) throw new CrawlFallback("foreign");
  if (low + 1 === high) return chooseContradictedPage(observations.filter(isPageObservation), low);
  if (low < expected && expected < high) return expected;
  const step = Math.max(1, expected - high + 1);
  return Math.max((low + high) >> 1, high - step);
}

/** A crawl replaces the refresh when a page was empty this often although the page before it says that it exists. */
const maxEmpty = 3;

/**
 * Returns which page to read again when page `low` says that a page follows, and the page after it is empty. The older
 * of the two answers is asked for again, because the list has grown or shrunk since, or the answer was wrong. Throws
 * when the portal keeps contradicting itself.
 */
function chooseContradictedPage(pages: PageObservation[], low: number): number {
  const empty = pages.filter(({ number, ids }) => number === low + 1 && ids.length === 0);
  if (empty.length >= maxEmpty) throw new CrawlFallback("contradicted");
  const newest = pages.findLast(({ number }) => number === low || number === low + 1);
  return newest?.number === low ? low + 1 : low;
}

/**
 * Corrects `isLast` in all observations. A page counts as the last one only when the page after it was requested,
 * too, and is empty or shows the same offers again.
 *
 * Example: page 3 says that it is the last page. Until page 4 has been requested, page 3 is treated like any other
 * page, so the search for the end requests page 4 next.
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
 * The reasons why a crawl must replace a refresh:
 * `reordered`: offers have changed their order, or an offer that was gone is there again;
 * `inserted`: an unknown offer stands between known offers, or the list holds more offers than are known;
 * `foreign`: the list shows no offer of the baseline;
 * `uneven`: pages differ in length;
 * `contradicted`: the portal's answers contradict each other;
 * `shrunk`: too many offers are gone;
 * `restless`: the list changes faster than it can be read;
 * `costly`: the refresh would take more requests than a crawl.
 */
export type FallbackReason =
  "reordered" | "inserted" | "foreign" | "uneven" | "contradicted" | "shrunk" | "restless" | "costly";

/** The error that a refresh throws when a crawl must replace it. `openRefreshPlan` catches this error. */
export class CrawlFallback extends Error {
  readonly reason: FallbackReason;

  constructor(reason: FallbackReason) {
    super(reason);
    this.name = "Fallback";
    this.reason = reason;
  }
}
