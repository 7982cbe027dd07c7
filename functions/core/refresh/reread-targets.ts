import type { IndexedBaseline, RotationHead } from "./baseline.ts";
import { countRotationHeads, findHeadReach, listRotationPages, openRotationHeads } from "./reread-targets--rotation.ts";
import { locateOffer } from "./alignment--range.ts";
import { findDrift } from "./reread-targets--surprise.ts";
import type { RefreshState } from "./refresh-state.ts";

/** What a refresh reads whatever became of it, besides the offers that are due. */
export type RereadTargets = {
  heads: RotationHead[];
  pagesEach: number;
};

export function openRereadTargets({ heads, size }: IndexedBaseline, { rotationPages }: { rotationPages: number }): RereadTargets {
  return {
    heads: openRotationHeads(heads, size, rotationPages),
    pagesEach: countRotationHeads(rotationPages).pagesEach,
  };
}

/**
 * The pages of it that are still to be read, as far as it is certain where that stands. For each page on which a
 * settled offer has changed the rotation goes as far again, and the page's neighbours are read.
 */
export function findTargetPages(view: RefreshState, { heads, pagesEach }: RereadTargets): number[] {
  const { survey } = view;
  const surprises = findDrift(view);
  const lastPage = Math.ceil((survey.total ?? 0) / survey.pageSize);
  const beside = listPages(surprises.places, view).flatMap((page) => [page - 1, page + 1]);
  const turns = listRotationPages(view, heads, pagesEach * (1 + surprises.pages));
  const read = new Set(survey.rows.map(({ number }) => number));
  const pages = new Set([...listPages(listUnseen(view), view), ...turns, ...beside]);
  return [...pages].filter((page) => page >= 1 && page <= lastPage && !read.has(page));
}

/** Whether all has been read that was to be, wherever it stands by now. */
export function hasReadTargets(view: RefreshState, wishes: RereadTargets): boolean {
  const { survey } = view;
  const least = (wishes.pagesEach - 1) * survey.pageSize + 1;
  const hasTurned = (head: RotationHead) => {
    const reach = findHeadReach(view, head);
    return reach >= head.until || survey.countKnown(reach) - survey.countKnown(head.at) >= least;
  };
  if (listUnseen(view).length > 0 || !wishes.heads.every(hasTurned)) return false;
  return findTargetPages(view, wishes).length === 0;
}

/** Offers that are due and were not seen, unless there is no room for them. */
function listUnseen({ ground, isGone, seenAt }: RefreshState): number[] {
  return [...ground.isDue].filter((place) => !seenAt.has(place) && !isGone(place));
}

/** The pages that these offers stand on for certain. */
function listPages(places: number[], { survey, ranges }: RefreshState): number[] {
  const pages = new Set<number>();
  for (const place of places) {
    const [low, high] = locateOffer(place, survey, ranges) ?? [0, -1];
    if (low === high) pages.add(low);
  }
  return [...pages];
}
