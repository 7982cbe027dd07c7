import type { ListDirection } from "../crawl/crawl-state.ts";
import type { RawOffer } from "../offer/offer.ts";
import type { RotationHead } from "./baseline.ts";
import { isPageObservation } from "./observation.ts";
import type { RefreshState } from "./refresh-state.ts";
import { findHeadReach } from "./reread-targets.ts";

/** An offer as a sight showed it: the sight's index, and which of the sight's offers it is. */
export type FoundOffer = { id: string; observation: number; at: number };

/** The list as a refresh found it, told by the base and the sights. What is not `read` or `gone` is as the base has it. */
export type RefreshDelta = {
  /** In the list's order, before all others where the list grows at its near end, else behind them. */
  insertions: FoundOffer[];
  /** The base's offers that were seen, by their place in it, rising. */
  read: (FoundOffer & { place: number })[];
  /** Places in the base, from one to before another, rising. */
  gone: { from: number; to: number }[];
  /** Of the offers that are there now. */
  offers: number;
  /** Where the rotation stands, by places in the new list. */
  heads: RotationHead[];
  requests: number;
};

export function describeDelta(state: RefreshState, heads: RotationHead[]): RefreshDelta {
  const { observations, order, deletions, alignment, isGone } = state;
  const suspects = [...state.suspects];
  const found = listFound(state).filter(({ place }) => !isGone(place));
  const gone = [...deletions.gaps, ...suspects.map((place) => ({ from: place, to: place + 1 }))]
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

/** Everybody seen, in the list's order. */
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
  /** Those of the base, in its order. */
  offers: AsyncIterable<RawOffer>;
  delta: Pick<RefreshDelta, "insertions" | "read" | "gone">;
  grows: ListDirection;
  /** What the sights showed. */
  show: (found: FoundOffer) => RawOffer;
};

/** The list as a refresh has found it, in its order. */
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
