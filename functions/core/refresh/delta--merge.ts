import type { ListDirection } from "../crawl/crawl-state.ts";
import type { RawOffer } from "../offer/offer.ts";
import type { FoundOffer, RefreshDelta } from "./delta.ts";

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
