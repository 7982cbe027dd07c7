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
 * A refresh brings a complete snapshot up to date without reading the whole list. The state of a refresh is computed
 * anew from all observations so far. `refresh-plan.ts` shows a whole refresh as an example.
 *
 * - Baseline: the snapshot that the refresh starts from. Place: the index of an offer in the baseline, from 0.
 * - Observation: the answer to one request, for a page or for a single offer. Round: requests that were under way at
 *   the same time, so nothing shows which one was answered first.
 * - Insertion: an offer that the baseline does not have. The place of an insertion is below 0 when new offers appear
 *   at page 1, and after the baseline's last place when new offers appear at the last page.
 * - Order: the offers of the baseline and the insertions, in the list's order.
 * - Deletion: an offer that is certainly gone, for example because a page shows its two neighbours side by side.
 * - Rank: the index of an offer in the list as it is now, calculated from the number of its page.
 * - Of one moment: two pages are of one moment when the list had both of them at the same time.
 * - Alignment: the pages that can be of one moment, with the places and ranks of their offers.
 * - Unread range: the part of the list between two neighbouring pages of the alignment.
 * - Suspect: an offer for which two neighbouring pages leave no room. It is gone if these pages are of one moment.
 * - Drift: an unexpected change of a settled offer. An offer is settled when it is decided or long expired.
 * - Delta: the difference between the baseline and the list as the refresh found it.
 */
export type RefreshState = {
  baseline: IndexedBaseline;
  observations: Observation[];
  order: OfferOrder;
  deletions: Deletions;
  alignment: Alignment;
  ranges: UnreadRange[];
  /** The places of the suspects. Two neighbouring pages leave no room for these offers. */
  suspects: Set<number>;
  /** True when the offer at the place is a deletion or a suspect. */
  isGone: (place: number) => boolean;
  /** The ids of insertions that may be gone again. The portal must be asked for each of them by id. */
  doubtful: string[];
  /** For the place of each offer, the index of the newest observation that showed the offer. */
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

/** Returns the places inside the range, without those of deleted offers. */
export function listMissingPlaces({ before, after }: UnreadRange, { has }: Deletions): number[] {
  const places: number[] = [];
  for (let place = before.place + 1; place < after.place; place += 1) if (!has(place)) places.push(place);
  return places;
}

export function findNewestPage(observations: Observation[], number: number): PageObservation | undefined {
  return observations.filter(isPageObservation).findLast((observation) => observation.number === number);
}

/** True when `observation` is certainly older than `other`. Within one round, nobody knows which one is older. */
export function isEarlier(observation: Observation, other: Observation): boolean {
  return observation.round < other.round;
}

/**
 * True when no offer has appeared on page 1 between the observations `from` and `to`. For this, several observations
 * of page 1 must all start with the same offer: the last one up to `from`, those between `from` and `to`, and the
 * first one from `to` on, if there is one.
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
