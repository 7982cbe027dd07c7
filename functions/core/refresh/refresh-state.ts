import {
  type Alignment,
  alignPages,
  listSuspectRanges,
  listUnreadRanges,
  type UnreadRange,
} from "./alignment.ts";
import { buildOfferOrder, type IndexedBaseline, type OfferOrder } from "./baseline.ts";
import { type Deletions, listDeletions, listDoubtfulInsertions, listShownOffers } from "./deletions.ts";
import { isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/** What all sights so far tell. */
export type RefreshState = {
  baseline: IndexedBaseline;
  observations: Observation[];
  order: OfferOrder;
  deletions: Deletions;
  alignment: Alignment;
  ranges: UnreadRange[];
  /** Places between two neighbouring pages that leave no room for them: gone, if both are of one moment. */
  suspects: Set<number>;
  isGone: (place: number) => boolean;
  /** Ids of newcomers that may be gone. */
  doubtful: string[];
  /** The newest sight of each place that was seen. */
  seenAt: Map<number, number>;
};

export function openRefreshState(baseline: IndexedBaseline, observations: Observation[]): RefreshState {
  const order = buildOfferOrder(baseline, observations);
  const deletions = listDeletions(order, observations);
  const alignment = alignPages(order, deletions, observations);
  const ranges = listUnreadRanges(alignment, order);
  const suspects = new Set(listSuspectRanges(ranges).flatMap((range) => listMissingPlaces(range, deletions)));
  const isGone = (place: number) => deletions.has(place) || suspects.has(place);
  const seenAt = findNewest(order, observations);
  const doubtful = listDoubtfulInsertions(order, observations, deletions);
  return { baseline, observations, order, deletions, alignment, ranges, suspects, isGone, doubtful, seenAt };
}

function findNewest(order: OfferOrder, observations: Observation[]): Map<number, number> {
  const seenAt = new Map<number, number>();
  for (const [index, observation] of observations.entries())
    for (const id of listShownOffers(observation)) {
      const place = order.find(id);
      if (place !== undefined) seenAt.set(place, index);
    }
  return seenAt;
}

export function isInserted(place: number, { size }: OfferOrder): boolean {
  return place < 0 || place >= size;
}

/** Who is missing where nobody has room. */
export function listMissingPlaces({ before, after }: UnreadRange, { has }: Deletions): number[] {
  const places: number[] = [];
  for (let place = before.place + 1; place < after.place; place += 1) if (!has(place)) places.push(place);
  return places;
}

/** The newest sight of the page. */
export function findNewestPage(observations: Observation[], number: number): PageObservation | undefined {
  return observations.filter(isPageObservation).findLast((observation) => observation.number === number);
}

/** Whether the one sight is surely older than the other. */
export function isEarlier(observation: Observation, other: Observation): boolean {
  return observation.round < other.round;
}

/**
 * Whether page 1, looked at before and after, tells that nobody entered at the near end between two sights; as long
 * as it was not looked at after them, whether it has told nothing else.
 */
export function hasNoInsertionBetween(
  observations: Observation[],
  from: Observation,
  to: Observation,
): boolean {
  const tops = observations.filter(isPageObservation).filter(({ number }) => number === 1);
  const first = tops.findLastIndex((top) => top === from || isEarlier(top, from));
  const last = tops.findIndex((top) => top === to || isEarlier(to, top));
  const between = tops.slice(Math.max(0, first), last < 0 ? tops.length : last + 1);
  return first >= 0 && between.every(({ ids }) => ids[0] === between[0]?.ids[0]);
}
