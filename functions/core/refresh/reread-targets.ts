import type { Day } from "../basics/calendar.ts";
import { listPageNumbers } from "../crawl/offer-page.ts";
import type { Offer } from "../offer/offer.ts";
import { locateOffer } from "./alignment.ts";
import type { IndexedBaseline, RotationHead } from "./baseline.ts";
import { isPageObservation } from "./observation.ts";
import type { RefreshState } from "./refresh-state.ts";

/**
 * Reread targets are the offers that a refresh reads again although nothing shows a change:
 * - the offers that are due, because they are undecided or a portal webhook has named them;
 * - the offers whose turn it is in the rotation;
 * - the neighbours of a drift, which is an unexpected change of a settled offer (decided or long expired).
 *
 * The rotation makes sure that every settled offer is read again from time to time. It has several positions, the
 * heads. Each head moves through its own share of the list. In each refresh a head reads at least two pages in a row.
 * The first of these pages holds the offer at the head's position, so the head moves on by at least one page, even if
 * the list has shifted. Together the heads read the whole list in one cycle of several refreshes. The pages that they
 * read also divide the search for missing offers into short ranges.
 *
 * Example: 10 rotation pages make 5 heads with 2 pages each. With 3,000 offers on pages of 15, the heads start at
 * places 0, 600, 1,200, 1,800 and 2,400. If the list has not shifted, the first refresh reads pages 1 and 2, 41 and
 * 42, 81 and 82, and so on. When page 81 shows a drift, each head reads two more pages, and pages 80 and 82 are read,
 * too.
 */
export type RereadTargets = {
  heads: RotationHead[];
  pagesEach: number;
};

export function openRereadTargets(
  { heads, size }: IndexedBaseline,
  { rotationPages }: { rotationPages: number },
): RereadTargets {
  return {
    heads: openRotationHeads(heads, size, rotationPages),
    pagesEach: countRotationHeads(rotationPages).pagesEach,
  };
}

/**
 * Returns the numbers of the unread pages that hold reread targets. Leaves out targets whose page is not certain yet.
 */
export function findTargetPages(state: RefreshState, { heads, pagesEach }: RereadTargets): number[] {
  const { alignment } = state;
  const drift = findDrift(state);
  const lastPage = Math.ceil((alignment.total ?? 0) / alignment.pageSize);
  const besideDrift = listPages(drift.places, state).flatMap((page) => [page - 1, page + 1]);
  const rotation = listRotationPages(state, heads, pagesEach * (1 + drift.pages));
  const read = new Set(alignment.rows.map(({ number }) => number));
  const pages = new Set([...listPages(listUnseen(state), state), ...rotation, ...besideDrift]);
  return [...pages].filter((page) => page >= 1 && page <= lastPage && !read.has(page));
}

/** True when all reread targets have been read. */
export function hasReadTargets(state: RefreshState, targets: RereadTargets): boolean {
  const { alignment } = state;
  const minOffers = (targets.pagesEach - 1) * alignment.pageSize + 1;
  const hasMovedOn = (head: RotationHead) => {
    const reach = findHeadReach(state, head);
    return reach >= head.until || alignment.countKnown(reach) - alignment.countKnown(head.at) >= minOffers;
  };
  if (listUnseen(state).length > 0 || !targets.heads.every(hasMovedOn)) return false;
  return findTargetPages(state, targets).length === 0;
}

/** Returns the places of the offers that are due for a reread, have not been seen in this refresh and are not gone. */
function listUnseen({ baseline, isGone, seenAt }: RefreshState): number[] {
  return [...baseline.isDue].filter((place) => !seenAt.has(place) && !isGone(place));
}

/** Returns the pages of the offers at `places`. Offers whose page is not certain are left out. */
function listPages(places: number[], { alignment, ranges }: RefreshState): number[] {
  const pages = new Set<number>();
  for (const place of places) {
    const [low, high] = locateOffer(place, alignment, ranges) ?? [0, -1];
    if (low === high) pages.add(low);
  }
  return [...pages];
}

export function countRotationHeads(pages: number): { heads: number; pagesEach: number } {
  const heads = Math.floor(pages / 2);
  return heads === 0 ? { heads: pages, pagesEach: 1 } : { heads, pagesEach: Math.floor(pages / heads) };
}

/**
 * Returns the number of refreshes in two cycles of the rotation. Within these refreshes, every offer is read again.
 * `offers` is the highest number of offers in the list during this time.
 */
export function countRotationRuns(offers: number, pageSize: number, rotationPages: number): number {
  const { heads, pagesEach } = countRotationHeads(rotationPages);
  if (heads === 0) return Infinity;
  return 2 * Math.ceil(Math.ceil(offers / heads) / ((pagesEach - 1) * pageSize + 1));
}

/**
 * Returns the heads of the rotation at the start of a refresh. When all heads have reached the ends of their shares,
 * they are spread evenly over the list again.
 */
export function openRotationHeads(
  heads: RotationHead[],
  offers: number,
  rotationPages: number,
): RotationHead[] {
  if (heads.some(({ at, until }) => at < until)) return heads;
  const { heads: count } = countRotationHeads(rotationPages);
  const share = (index: number) => Math.floor((index * offers) / count);
  return Array.from({ length: count }, (_, index) => ({ at: share(index), until: share(index + 1) }));
}

/**
 * Returns the place that a head of the rotation has reached. This is the first place from `at` on whose offer must
 * still be read; `until` when there is none. An offer need not be read when this refresh has seen it or it is gone.
 */
export function findHeadReach({ isGone, seenAt }: RefreshState, { at, until }: RotationHead): number {
  let place = at;
  while (place < until && (seenAt.has(place) || isGone(place))) place += 1;
  return place;
}

/**
 * Returns the pages that the heads of the rotation still have to read. Each head reads `pagesEach` pages, beginning
 * with the page of its first offer.
 */
function listRotationPages(state: RefreshState, heads: RotationHead[], pagesEach: number): number[] {
  return heads.flatMap((head) => {
    const reach = findHeadReach(state, head);
    if (reach >= head.until) return [];
    const { alignment, ranges, isGone } = state;
    let { at } = head;
    while (isGone(at)) at += 1;
    const [start, highestStart] = locateOffer(at, alignment, ranges) ?? [0, 1];
    const [next, highestNext] = locateOffer(reach, alignment, ranges) ?? [0, 1];
    if (start !== highestStart || next !== highestNext) return [];
    const lastPage = Math.ceil((alignment.total ?? 0) / alignment.pageSize);
    return listPageNumbers(next, Math.min(start + pagesEach - 1, lastPage));
  });
}

/**
 * Unexpected changes of settled offers (decided or long expired). `places` has the places of the changed offers, and
 * `pages` is the number of pages that showed any of them.
 */
type Drift = { places: number[]; pages: number };

function findDrift({ baseline, observations, order }: RefreshState): Drift {
  const { isDue, size, fingerprints } = baseline;
  const places = new Set<number>();
  const pages = new Set<number>();
  for (const { ids, fingerprints: shown, number } of observations.filter(isPageObservation))
    for (const [at, id] of ids.entries()) {
      const place = order.find(id) ?? -1;
      const isSettled = place >= 0 && place < size && !isDue.has(place);
      if (!isSettled || shown[at] === fingerprints[place]) continue;
      places.add(place);
      pages.add(number);
    }
  return { places: [...places], pages: pages.size };
}

/**
 * True for an offer that a customer may still accept or reject: it has no decision, and its expiry date is missing,
 * in the future, or at most `lateDays` days in the past. A refresh reads such offers again.
 */
export function isDueForReread(offer: Offer, { today, lateDays }: { today: Day; lateDays: number }): boolean {
  const { acceptedAt, rejectedAt, expiresAt, raw } = offer;
  if (acceptedAt !== null || rejectedAt !== null) return false;
  if (raw.acceptedAt !== undefined || raw.rejectedAt !== undefined) return false;
  return expiresAt === null || expiresAt >= today - lateDays;
}
