import { locateOffer } from "./alignment.ts";
import type { IndexedBaseline, RotationHead } from "./baseline.ts";
import { isPageObservation } from "./observation.ts";
import type { RefreshState } from "./refresh-state.ts";

/** What a refresh reads whatever became of it, besides the offers that are due. */
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
 * The pages of it that are still to be read, as far as it is certain where that stands. For each page on which a
 * settled offer has changed the rotation goes as far again, and the page's neighbours are read.
 */
export function findTargetPages(state: RefreshState, { heads, pagesEach }: RereadTargets): number[] {
  const { alignment } = state;
  const surprises = findDrift(state);
  const lastPage = Math.ceil((alignment.total ?? 0) / alignment.pageSize);
  const beside = listPages(surprises.places, state).flatMap((page) => [page - 1, page + 1]);
  const turns = listRotationPages(state, heads, pagesEach * (1 + surprises.pages));
  const read = new Set(alignment.rows.map(({ number }) => number));
  const pages = new Set([...listPages(listUnseen(state), state), ...turns, ...beside]);
  return [...pages].filter((page) => page >= 1 && page <= lastPage && !read.has(page));
}

/** Whether all has been read that was to be, wherever it stands by now. */
export function hasReadTargets(state: RefreshState, targets: RereadTargets): boolean {
  const { alignment } = state;
  const least = (targets.pagesEach - 1) * alignment.pageSize + 1;
  const hasTurned = (head: RotationHead) => {
    const reach = findHeadReach(state, head);
    return reach >= head.until || alignment.countKnown(reach) - alignment.countKnown(head.at) >= least;
  };
  if (listUnseen(state).length > 0 || !targets.heads.every(hasTurned)) return false;
  return findTargetPages(state, targets).length === 0;
}

/** Offers that are due and were not seen, unless there is no room for them. */
function listUnseen({ baseline, isGone, seenAt }: RefreshState): number[] {
  return [...baseline.isDue].filter((place) => !seenAt.has(place) && !isGone(place));
}

/** The pages that these offers stand on for certain. */
function listPages(places: number[], { alignment, ranges }: RefreshState): number[] {
  const pages = new Set<number>();
  for (const place of places) {
    const [low, high] = locateOffer(place, alignment, ranges) ?? [0, -1];
    if (low === high) pages.add(low);
  }
  return [...pages];
}

/**
 * The rotation: several heads go through the list, each through its share of it, and all of them through all of it
 * in one cycle. Far apart, the pages that they read are marks for the search for what is gone, too. Each reads two
 * pages or more in a row, the first of them with the offer that it has come to; so it gets on by a page at least,
 * however the list has shifted under it, and leaves nothing behind.
 */
export function countRotationHeads(pages: number): { heads: number; pagesEach: number } {
  const heads = Math.floor(pages / 2);
  return heads === 0 ? { heads: pages, pagesEach: 1 } : { heads, pagesEach: Math.floor(pages / heads) };
}

/** Within so many refreshes in a row every offer of a list that never had more than so many is seen again: two cycles. */
export function countRotationRuns(offers: number, pageSize: number, rotationPages: number): number {
  const { heads, pagesEach } = countRotationHeads(rotationPages);
  if (heads === 0) return Infinity;
  return 2 * Math.ceil(Math.ceil(offers / heads) / ((pagesEach - 1) * pageSize + 1));
}

/** The heads as they stand when a refresh begins: spread anew when all have come to their end. */
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

/** How far a head has come: the first place that was not seen in this refresh. */
export function findHeadReach({ isGone, seenAt }: RefreshState, { at, until }: RotationHead): number {
  let place = at;
  while (place < until && (seenAt.has(place) || isGone(place))) place += 1;
  return place;
}

/** Pages that the heads still have to read, each so many from where it began. */
export function listRotationPages(state: RefreshState, heads: RotationHead[], pagesEach: number): number[] {
  return heads.flatMap((head) => {
    const reach = findHeadReach(state, head);
    if (reach >= head.until) return [];
    const { alignment, ranges, isGone } = state;
    let { at } = head;
    while (isGone(at)) at += 1;
    const [begun, latest] = locateOffer(at, alignment, ranges) ?? [0, 1];
    const [low, high] = locateOffer(reach, alignment, ranges) ?? [0, 1];
    if (begun !== latest || low !== high) return [];
    const until = Math.min(begun + pagesEach - 1, Math.ceil((alignment.total ?? 0) / alignment.pageSize));
    return Array.from({ length: Math.max(0, until - low + 1) }, (_, index) => low + index);
  });
}

/** Settled offers, decided or long expired, that have changed all the same: their places, and how many pages showed any. */
export type Drift = { places: number[]; pages: number };

export function findDrift({ baseline, observations, order }: RefreshState): Drift {
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
