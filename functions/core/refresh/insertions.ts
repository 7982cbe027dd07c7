import {
  CrawlFallback,
  isPageObservation,
  type Observation,
  type PageObservation,
  showsListEnd,
} from "./observation.ts";
import { findNewestPage, hasNoInsertionBetween, isEarlier, type RefreshState } from "./refresh-state.ts";

/**
 * Insertions are offers that the baseline does not have. A refresh must find all of them. New offers appear only at
 * one end of the list, so the insertions form one unbroken run from this end to the baseline's offers. An offer is
 * anchored when every offer between it and the baseline has certainly been read. All insertions are known when the
 * offer at the growing end is anchored.
 *
 * Example: new offers appear at the start of page 1.
 * 1. Page 1 is read. None of its offers is in the baseline.
 * 2. Page 2 is read. It shows V W A, and A is in the baseline. So V and W are anchored.
 * 3. Page 1 is read again. Its first offer is the same as in step 1, so no offer has been added since then. A
 *    deletion could only move offers from page 2 to page 1, where step 3 would show them. So no offer is hidden
 *    between the two pages, and the offers of page 1 are anchored, too.
 */

/** Returns the number of the page to read next to find all insertions; null when all insertions are known. */
export function findInsertionPage({ baseline, observations }: RefreshState): number | null {
  const isNear = baseline.grows === "near";
  const anchored = listAnchored(observations, baseline.places, isNear);
  // The page at the end of the list where new offers appear. When its outermost offer is anchored, all insertions are
  // known, even if the list has shifted after the page was read.
  const outermost = isNear
    ? findNewestPage(observations, 1)
    : observations.findLast((observation) => showsListEnd(observation));
  if (outermost?.kind !== "page") return null;
  const isAnchored = ({ ids }: PageObservation) => anchored.has((isNear ? ids[0] : ids.at(-1)) ?? "");
  if (isAnchored(outermost)) return null;
  return isNear ? descend(observations, isAnchored) : ascend(observations, outermost, isAnchored);
}

/**
 * Returns the next page to read when new offers appear at page 1. This is the page before the lowest anchored page,
 * or the lowest anchored page again. It is page 1 when no page is anchored.
 */
function descend(observations: Observation[], isAnchored: (page: PageObservation) => boolean): number {
  const lowest = listNewestPages(observations).find(isAnchored);
  if (lowest === undefined || lowest.number === 1) return 1;
  const next = findNewestPage(observations, lowest.number - 1);
  // `next` is not anchored. When it was read after the anchored page, an offer has appeared between these two
  // readings. So the anchored page is read again.
  return next !== undefined && isEarlier(lowest, next) ? lowest.number : lowest.number - 1;
}

/**
 * Returns the next page to read when new offers appear at the last page. Goes from the last page towards page 1, and
 * stops at the first page that is anchored. Also stops at an unread page, and at a page that was read before the page
 * that follows it in the list (or in the same round).
 */
function ascend(
  observations: Observation[],
  end: PageObservation,
  isAnchored: (page: PageObservation) => boolean,
): number {
  let page = end;
  while (page.number > 1) {
    const next = findNewestPage(observations, page.number - 1);
    if (next === undefined || !isEarlier(page, next) || isAnchored(next)) return page.number - 1;
    page = next;
  }
  throw new CrawlFallback("foreign");
}

/** Returns the set of the anchored offers: all offers of the baseline, and the anchored insertions. */
function listAnchored(observations: Observation[], places: Map<string, number>, isNear: boolean) {
  const insertions = new Set<string>();
  const anchored = { has: (id: string) => places.has(id) || insertions.has(id) };
  const pages = observations.filter(isPageObservation);
  for (let count = -1; count < insertions.size;) {
    count = insertions.size;
    for (const page of pages) {
      const outwards = isNear ? page.ids.toReversed() : page.ids;
      const known = outwards.findIndex((id) => anchored.has(id));
      const isJoined =
        known >= 0 || pages.some((other) => joins(observations, { page, other, isNear }, anchored));
      if (isJoined) for (const id of outwards.slice(Math.max(0, known))) insertions.add(id);
    }
  }
  return anchored;
}

type Neighbours = { page: PageObservation; other: PageObservation; isNear: boolean };

/**
 * True when `other` is the neighbour of `page` on the baseline's side, and all offers up to `page` are known: the
 * offer of `other` that stands nearest to `page` is anchored, and no offer can be hidden between the two pages.
 */
function joins(
  observations: Observation[],
  { page, other, isNear }: Neighbours,
  anchored: { has: (id: string) => boolean },
) {
  if (isNear)
    return (
      other.number === page.number + 1 &&
      anchored.has(other.ids[0] ?? "") &&
      isEarlier(other, page) &&
      hasNoInsertionBetween(observations, other, page)
    );
  return other.number === page.number - 1 && anchored.has(other.ids.at(-1) ?? "") && isEarlier(page, other);
}

/** Throws when new offers appear at the last page, but page 1 shows no offer of the baseline. */
export function assertKnownOffers({ baseline, observations: [top] }: RefreshState): void {
  if (baseline.grows === "near" || top?.kind !== "page" || top.ids.length === 0) return;
  if (!top.ids.some((id) => baseline.places.has(id))) throw new CrawlFallback("foreign");
}

/**
 * Returns the next page to read when new offers appear at page 1; null when no page is left to read. First searches
 * for the overlap, which is the first page that shows an offer of the baseline. Then goes through the skipped pages
 * before the overlap, from the highest to the lowest.
 */
export function findOverlapPage({ baseline, observations }: RefreshState): number | null {
  if (baseline.grows === "far") return null;
  const pages = listNewestPages(observations);
  const isKnown = (id: string) => baseline.places.has(id);
  const overlap = pages.find(({ ids }) => ids.some(isKnown));
  if (overlap === undefined && pages.some(({ isLast }) => isLast)) throw new CrawlFallback("foreign");
  const unknown = pages.findLast(
    ({ ids, number }) => number < (overlap?.number ?? Infinity) && !ids.some(isKnown),
  );
  const lastUnknown = unknown?.number ?? 0;
  if (overlap === undefined) return Math.max(1, lastUnknown * 2);
  const numbers = new Set(pages.map(({ number }) => number));
  for (let number = overlap.number - 1; number > 0 && number <= lastUnknown; number -= 1)
    if (!numbers.has(number)) return number;
  return lastUnknown + 1 >= overlap.number ? null : guessOverlap(baseline.places, overlap, lastUnknown);
}

/**
 * Guesses the page number of the overlap from the number of insertions. An offer of the baseline on the page shows
 * this number: it is the offer's index in the present list minus the offer's index in the baseline.
 */
function guessOverlap(
  places: Map<string, number>,
  { number, ids }: PageObservation,
  lastUnknown: number,
): number {
  const index = ids.findIndex((id) => places.has(id));
  const insertions = (number - 1) * ids.length + index - (places.get(ids[index] ?? "") ?? 0);
  return Math.max(lastUnknown + 1, Math.min(number - 1, Math.floor(insertions / ids.length) + 1));
}

/** Returns the newest observation of each page, in the order of the page numbers. */
function listNewestPages(observations: Observation[]): PageObservation[] {
  const newest = new Map(
    observations.filter(isPageObservation).map((observation) => [observation.number, observation]),
  );
  return [...newest.values()].toSorted((a, b) => a.number - b.number);
}
