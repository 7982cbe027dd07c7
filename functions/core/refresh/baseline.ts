import type { ListDirection } from "../crawl/crawl-state.ts";

/**
 * What a refresh must know of the snapshot that it starts from, which must have been complete: a crawl's or a
 * refresh's. All lists go by an offer's place in it, counted from 0.
 */
export type Baseline = {
  /** In the portal's order, each once. */
  ids: string[];
  /** By `fingerprintOffer`. */
  fingerprints: ArrayLike<number>;
  /** Places of the offers that are to be read again whatever happens: those by `isDue`, and others by choice. */
  due: number[];
  /** The end that new offers enter at: `findListDirection` tells it. */
  grows: ListDirection;
  /** Where the rotation stands; none after a crawl. */
  heads: RotationHead[];
};

/** What lies before `at` has been seen in this cycle of the rotation, and this head goes on to before `until`. */
export type RotationHead = { at: number; until: number };

/** A base that can be asked where an offer stood. */
export type IndexedBaseline = Baseline & { size: number; places: Map<string, number>; isDue: Set<number> };

export function indexBaseline(base: Baseline, marked: string[]): IndexedBaseline {
  const places = new Map(base.ids.map((id, place) => [id, place]));
  const known = marked.map((id) => places.get(id)).filter((place) => place !== undefined);
  return { ...base, size: base.ids.length, places, isDue: new Set([...base.due, ...known]) };
}
