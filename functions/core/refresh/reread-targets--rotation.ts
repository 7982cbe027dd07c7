import type { RotationHead } from "./baseline.ts";
import { locateOffer } from "./alignment--range.ts";
import type { RefreshState } from "./refresh-state.ts";

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
export function openRotationHeads(heads: RotationHead[], offers: number, rotationPages: number): RotationHead[] {
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
export function listRotationPages(view: RefreshState, heads: RotationHead[], pagesEach: number): number[] {
  return heads.flatMap((head) => {
    const reach = findHeadReach(view, head);
    if (reach >= head.until) return [];
    const { survey, ranges, isGone } = view;
    let { at } = head;
    while (isGone(at)) at += 1;
    const [begun, latest] = locateOffer(at, survey, ranges) ?? [0, 1];
    const [low, high] = locateOffer(reach, survey, ranges) ?? [0, 1];
    if (begun !== latest || low !== high) return [];
    const until = Math.min(begun + pagesEach - 1, Math.ceil((survey.total ?? 0) / survey.pageSize));
    return Array.from({ length: Math.max(0, until - low + 1) }, (_, index) => low + index);
  });
}
