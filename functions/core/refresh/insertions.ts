import {
  CrawlFallback,
  isPageObservation,
  type Observation,
  type PageObservation,
  showsListEnd,
} from "./observation.ts";
import { findNewestPage, hasNoInsertionBetween, isEarlier, type RefreshState } from "./refresh-state.ts";

/**
 * Insertions stand in one row between an end of the list and the first offer of the baseline. A refresh must know
 * all of them. An offer is anchored when no unknown offer can stand between it and the baseline. All insertions are
 * known when the outermost offer is anchored.
 *
 * Example: new offers enter at page 1. Page 1 shows only unknown offers, page 2 shows V W A, and A is in the
 * baseline. So V and W are anchored by their page. Page 1 is read again, after page 2. If it starts with the same
 * offer as before, nothing has entered meanwhile, and a deletion could only have moved offers towards page 1. So
 * nothing is hidden between the two pages, and the offers of page 1 are anchored, too.
 */

/** Returns the next page to read so that every insertion is known; null when all are. */
export function findInsertionPage({ baseline, observations }: RefreshState): number | null {
  const isNear = baseline.grows === "near";
  const anchored = listAnchored(observations, baseline.places, isNear);
  // All insertions are known when the outermost offer of this page is anchored, even when the list has moved since.
  const outermost = isNear
    ? findNewestPage(observations, 1)
    : observations.findLast((observation) => showsListEnd(observation));
  if (outermost?.kind !== "page") return null;
  const isAnchored = ({ ids }: PageObservation) => anchored.has((isNear ? ids[0] : ids.at(-1)) ?? "");
  if (isAnchored(outermost)) return null;
  return isNear ? descend(observations, isAnchored) : ascend(observations, outermost, isAnchored);
}

/** Returns the page before the anchored page that is nearest to page 1; 1 when no page is anchored. */
function descend(observations: Observation[], isAnchored: (page: PageObservation) => boolean): number {
  const lowest = listNewestPages(observations).find(isAnchored);
  if (lowest === undefined || lowest.number === 1) return 1;
  const next = findNewestPage(observations, lowest.number - 1);
  // An offer has entered between the two looks, so the anchored page is read again.
  return next !== undefined && isEarlier(lowest, next) ? lowest.number : lowest.number - 1;
}

/**
 * Goes from the last page towards page 1. Returns the first page that was not read after the page behind it, or
 * that is anchored.
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

/** Returns a set of the anchored offers: those of the baseline, and insertions. */
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
 * True when `other` is anchored, is the neighbour of `page` on the baseline's side, and no offer can be hidden
 * between the two looks.
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

/** Throws when page 1 shows no offer of the baseline although new offers enter at the last page. */
export function assertKnownOffers({ baseline, observations: [top] }: RefreshState): void {
  if (baseline.grows === "near" || top?.kind !== "page" || top.ids.length === 0) return;
  if (!top.ids.some((id) => baseline.places.has(id))) throw new CrawlFallback("foreign");
}

/**
 * Returns the next page to read in the search for the overlap: the first page that shows an offer of the baseline,
 * when new offers enter at page 1. Then come the pages before it, the last one first. Null when all of them were
 * read.
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

/** Guesses the page from the number of insertions, the first known offer's rank minus its place. */
function guessOverlap(
  places: Map<string, number>,
  { number, ids }: PageObservation,
  lastUnknown: number,
): number {
  const index = ids.findIndex((id) => places.has(id));
  const insertions = (number - 1) * ids.length + index - (places.get(ids[index] ?? "") ?? 0);
  return Math.max(lastUnknown + 1, Math.min(number - 1, Math.floor(insertions / ids.length) + 1));
}

/** Returns the newest observation of each page, in the order of their numbers. */
function listNewestPages(observations: Observation[]): PageObservation[] {
  const newest = new Map(
    observations.filter(isPageObservation).map((observation) => [observation.number, observation]),
  );
  return [...newest.values()].toSorted((a, b) => a.number - b.number);
}
