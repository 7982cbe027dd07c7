import type { ListDirection } from "../crawl/crawl-state.ts";
import type { RawOffer } from "../offer/offer.ts";
import type { RotationHead } from "./baseline.ts";
import { isPageObservation } from "./observation.ts";
import type { RefreshState } from "./refresh-state.ts";
import { findHeadReach } from "./reread-targets.ts";

/** An offer as a sight showed it: the sight's index, and which of the sight's offers it is. */
export type FoundOffer = { id: string; sight: number; at: number };

/** The list as a refresh found it, told by the base and the sights. What is not `read` or `gone` is as the base has it. */
export type RefreshDelta = {
  /** In the list's order, before all others where the list grows at its near end, else behind them. */
  newcomers: FoundOffer[];
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

export function describeDelta(view: RefreshState, heads: RotationHead[]): RefreshDelta {
  const { sights, roster, deletions, survey, isGone } = view;
  const suspects = [...view.suspects];
  const found = listFound(view).filter(({ place }) => !isGone(place));
  const gone = [...deletions.gaps, ...suspects.map((place) => ({ from: place, to: place + 1 }))]
    .filter(({ from }) => from >= 0 && from < roster.size)
    .map(({ from, to }) => ({ from, to }))
    .toSorted((a, b) => a.from - b.from);
  const countBefore = (place: number) =>
    survey.countKnown(place) - suspects.filter((suspect) => suspect < place).length;
  return {
    newcomers: found
      .filter(({ place }) => place < 0 || place >= roster.size)
      .map(({ id, sight, at }) => ({ id, sight, at })),
    read: found.filter(({ place }) => place >= 0 && place < roster.size),
    gone,
    offers: countBefore(roster.to),
    heads: heads.map((head) => ({ at: countBefore(findHeadReach(view, head)), until: countBefore(head.until) })),
    requests: sights.length,
  };
}

/** Everybody seen, in the list's order. */
function listFound({ sights, roster, seenAt }: RefreshState): (FoundOffer & { place: number })[] {
  const found: (FoundOffer & { place: number })[] = [];
  for (const [place, index] of seenAt) {
    const sight = sights[index];
    if (sight === undefined) continue;
    const ids = isPageObservation(sight) ? sight.ids : [sight.id];
    const at = ids.findIndex((id) => roster.find(id) === place);
    found.push({ place, id: ids[at] ?? "", sight: index, at });
  }
  return found.toSorted((a, b) => a.place - b.place);
}

type Source = {
  /** Those of the base, in its order. */
  offers: AsyncIterable<RawOffer>;
  renewal: Pick<RefreshDelta, "newcomers" | "read" | "gone">;
  grows: ListDirection;
  /** What the sights showed. */
  show: (found: FoundOffer) => RawOffer;
};

/** The list as a refresh has found it, in its order. */
export async function* applyDelta({ offers, renewal, grows, show }: Source): AsyncGenerator {
  const { newcomers, read, gone } = renewal;
  if (grows === "near") yield* newcomers.map(show);
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
  if (grows === "far") yield* newcomers.map(show);
}
