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

/**
 * A refresh brings a complete snapshot up to date without reading the whole list. Its state is computed anew from
 * all observations so far. `refresh-plan.ts` shows a whole refresh as an example.
 *
 * - Baseline: the snapshot that the refresh starts from. Place: the index of an offer in it, counted from 0.
 * - Observation: the answer to one request: a page, or a single offer. Round: requests that were under way together,
 *   so nothing shows which was answered first.
 * - Insertion: an offer that the baseline lacks. Its place is below 0 where the list grows at page 1, or behind the
 *   baseline's last place where it grows at its end.
 * - Order: the baseline and the insertions, in the list's order.
 * - Deletion: an offer that is certainly gone, because a page shows its two neighbours next to each other.
 * - Rank: the index of an offer in the list as it is now, by its page's number.
 * - Of one moment: two pages are of one moment when the list had both of them at the same time.
 * - Alignment: the pages that can be of one moment, with the places and ranks of their offers.
 * - Unread range: the part of the list between two neighbouring pages of the alignment.
 * - Suspect: an offer that two neighbouring pages leave no room for. It is gone if both pages are of one moment.
 * - Drift: a change of a settled offer, which no rule expects to change.
 * - Delta: the difference between the baseline and the list as the refresh found it.
 */
export type RefreshState = {
  baseline: IndexedBaseline;
  observations: Observation[];
  order: OfferOrder;
  deletions: Deletions;
  alignment: Alignment;
  ranges: UnreadRange[];
  /** Places of the suspects. */
  suspects: Set<number>;
  /** True for deletions and suspects. */
  isGone: (place: number) => boolean;
  /** Ids of insertions that may be gone again. */
  doubtful: string[];
  /** The index of the newest observation of each place that was seen. */
  seenAt: Map<number, number>;
};

export function openRefreshState(baseline: IndexedBaseline, observations: Observation[]): RefreshState {
  const order = buildOfferOrder(baseline, observations);
  const deletions = listDeletions(order, observations);
  const alignment = alignPages(order, deletions, observations);
  const ranges = listUnreadRanges(alignment, order);
  const suspects = new Set(listSuspectRanges(ranges).flatMap((range) => listMissingPlaces(range, deletions)));
  const isGone = (place: number) => deletions.has(place) || suspects.has(place);
  const seenAt = indexNewest(order, observations);
  const doubtful = listDoubtfulInsertions(order, observations, deletions);
  return { baseline, observations, order, deletions, alignment, ranges, suspects, isGone, doubtful, seenAt };
}

function indexNewest(order: OfferOrder, observations: Observation[]): Map<number, number> {
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

/** Returns the places between the two positions that are not known to be deleted. */
export function listMissingPlaces({ before, after }: UnreadRange, { has }: Deletions): number[] {
  const places: number[] = [];
  for (let place = before.place + 1; place < after.place; place += 1) if (!has(place)) places.push(place);
  return places;
}

export function findNewestPage(observations: Observation[], number: number): PageObservation | undefined {
  return observations.filter(isPageObservation).findLast((observation) => observation.number === number);
}

/** True when the first observation is certainly older than the other. */
export function isEarlier(observation: Observation, other: Observation): boolean {
  return observation.round < other.round;
}

/**
 * True when page 1 shows that no offer entered there between two observations: its first offer is the same at the
 * last look before them, the looks between them and the first look after them, if there is one.
 */
export function hasNoInsertionBetween(
  observations: Observation[],
  from: Observation,
  to: Observation,
): boolean {
  const tops = observations.filter(isPageObservation).filter(({ number }) => number === 1);
  const first = tops.findLastIndex((top) => top === from || isEarlier(top, from));
  const last = tops.findIndex((top) => top === to || isEarlier(to, top));
  const around = tops.slice(Math.max(0, first), last < 0 ? tops.length : last + 1);
  return first >= 0 && around.every(({ ids }) => ids[0] === around[0]?.ids[0]);
}
