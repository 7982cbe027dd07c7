import type { ListDirection } from "../crawl/crawl-state.ts";
import type { RawOffer } from "../offer/offer.ts";
import type { RotationHead } from "./baseline.ts";
import { isPageObservation } from "./observation.ts";
import type { RefreshState } from "./refresh-state.ts";
import { findHeadReach } from "./reread-targets.ts";

/**
 * The delta is the difference between the baseline and the list as a refresh found it. The new snapshot is the
 * baseline with the changes of the delta.
 *
 * Example: the baseline holds offers A B C D. The refresh has found the new offer X on page 1, has read B again and
 * has found that C is gone. The delta holds the insertion X, the new reading of B at place 1, and place 2 as gone. So
 * the new snapshot is X A B D: X and B as the portal shows them now, A and D as the baseline has them.
 */

/** An offer that a refresh has read. It has index `at` in the observation with index `observation`. */
export type FoundOffer = { id: string; observation: number; at: number };

export type RefreshDelta = {
  /**
   * The offers that the baseline lacks, in the list's order. They stand before all other offers when new offers
   * appear at page 1, and after all other offers when new offers appear at the last page.
   */
  insertions: FoundOffer[];
  /** The offers of the baseline that were read again, in the order of their places. */
  read: (FoundOffer & { place: number })[];
  /** The places of the baseline's offers that are gone: ranges from `from` to `to - 1`, in ascending order. */
  gone: { from: number; to: number }[];
  /** The number of offers in the new snapshot. */
  offers: number;
  /** The positions from which the next refresh continues the rotation, as places in the new snapshot. */
  heads: RotationHead[];
  requests: number;
};

export function describeDelta(state: RefreshState, heads: RotationHead[]): RefreshDelta {
  const { observations, order, deletions, alignment, isGone } = state;
  const suspects = [...state.suspects];
  const found = listFound(state).filter(({ place }) => !isGone(place));
  const gone = [...deletions.ranges, ...suspects.map((place) => ({ from: place, to: place + 1 }))]
    .filter(({ from }) => from >= 0 && from < order.size)
    .map(({ from, to }) => ({ from, to }))
    .toSorted((a, b) => a.from - b.from);
  const countBefore = (place: number) =>
    alignment.countKnown(place) - suspects.filter((suspect) => suspect < place).length;
  return {
    insertions: found
      .filter(({ place }) => place < 0 || place >= order.size)
      .map(({ id, observation, at }) => ({ id, observation, at })),
    read: found.filter(({ place }) => place >= 0 && place < order.size),
    gone,
    offers: countBefore(order.to),
    heads: heads.map((head) => ({
      at: countBefore(findHeadReach(state, head)),
      until: countBefore(head.until),
    })),
    requests: observations.length,
  };
}

/** Returns every offer that the observations have shown, in the list's order. */
function listFound({ observations, order, seenAt }: RefreshState): (FoundOffer & { place: number })[] {
  const found: (FoundOffer & { place: number })[] = [];
  for (const [place, index] of seenAt) {
    const observation = observations[index];
    if (observation === undefined) continue;
    const ids = isPageObservation(observation) ? observation.ids : [observation.id];
    const at = ids.findIndex((id) => order.find(id) === place);
    found.push({ place, id: ids[at] ?? "", observation: index, at });
  }
  return found.toSorted((a, b) => a.place - b.place);
}

type Source = {
  /** The offers of the baseline, in the baseline's order. */
  offers: AsyncIterable<RawOffer>;
  delta: Pick<RefreshDelta, "insertions" | "read" | "gone">;
  grows: ListDirection;
  /** Returns the offer as the observation in `found` showed it. */
  show: (found: FoundOffer) => RawOffer;
};

/** Yields the offers of the new snapshot, in the list's order. */
export async function* applyDelta({ offers, delta, grows, show }: Source): AsyncGenerator {
  const { insertions, read, gone } = delta;
  if (grows === "near") yield* insertions.map(show);
  let place = 0;
  let [nextRead, nextGone] = [0, 0];
  for await (const known of offers) {
    while ((gone[nextGone]?.to ?? Infinity) <= place) nextGone += 1;
    const found = read[nextRead]?.place === place ? read[nextRead] : undefined;
    if (found !== undefined) nextRead += 1;
    const isGone = (gone[nextGone]?.from ?? Infinity) <= place;
    if (!isGone) yield found === undefined ? known : show(found);
    place += 1;
  }
  if (grows === "far") yield* insertions.map(show);
}
