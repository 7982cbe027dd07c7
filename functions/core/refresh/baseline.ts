import type { Moment } from "../basics/calendar.ts";
import type { ListDirection } from "../crawl/crawl-state.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

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

/** Of pairs a quarter of the list apart: ties and local inversions leave more than that in order, any other order half. */
const minShare = 0.9;
/** Fewer pairs than that may be in order by chance. */
const minPairs = 6;

/**
 * The end of the list that new offers enter at, by when its offers were created, in its order: those of a list that
 * is long may be a sample, evenly taken. Null when the list does not go by that.
 */
export function findListDirection(createdAt: (Moment | null)[]): ListDirection | null {
  const step = Math.ceil(createdAt.length / 4);
  let [rises, falls] = [0, 0];
  for (const [index, before] of createdAt.entries()) {
    const after = createdAt[index + step] ?? null;
    if (before === null || after === null) continue;
    if (after > before) rises += 1;
    if (after < before) falls += 1;
  }
  if (rises + falls < minPairs) return null;
  if (rises >= minShare * (rises + falls)) return "far";
  return falls >= minShare * (rises + falls) ? "near" : null;
}

/**
 * Every offer that the base or a sight tells of, by its place in the list's order: the base's from 0 to before
 * `size`, newcomers before or behind them. Places stay when an offer goes.
 */
export type OfferOrder = {
  from: number;
  to: number;
  size: number;
  find: (id: string) => number | undefined;
  /** Newcomers, in the list's order. */
  insertions: string[];
  /** The index of the sight that showed the newcomer at this place first; -1 of the base's. */
  bornAt: (place: number) => number;
};

/** Throws where an unknown offer stands between known ones, or newcomers have changed their order. */
export function buildOfferOrder(baseline: IndexedBaseline, observations: Observation[]): OfferOrder {
  const { places, size, grows } = baseline;
  const isNear = grows === "near";
  const queue: Queue = { ids: [], pages: new Map() };
  const born = new Map<string, number>();
  for (const [index, observation] of observations.entries()) {
    if (!isPageObservation(observation)) continue;
    const fresh = joinQueue(queue, isNear ? observation : mirror(observation), places);
    for (const id of fresh) if (!born.has(id)) born.set(id, index);
  }
  const insertions = isNear ? queue.ids : queue.ids.toReversed();
  const from = isNear ? -insertions.length : 0;
  const offset = isNear ? from : size;
  const found = new Map(insertions.map((id, index) => [id, offset + index]));
  return {
    from,
    to: isNear ? size : size + insertions.length,
    size,
    find: (id) => places.get(id) ?? found.get(id),
    insertions,
    bornAt: (place) => born.get(insertions[place - offset] ?? "") ?? -1,
  };
}

/** Newcomers, the outermost first, and on which page each was seen last. */
type Queue = { ids: string[]; pages: Map<string, number> };

function mirror(observation: PageObservation): PageObservation {
  return { ...observation, number: -observation.number, ids: observation.ids.toReversed() };
}

function joinQueue(queue: Queue, observation: PageObservation, places: Map<string, number>): string[] {
  const firstKnown = observation.ids.findIndex((id) => places.has(id));
  const isGrounded = firstKnown >= 0;
  const fresh = isGrounded ? observation.ids.slice(0, firstKnown) : observation.ids;
  if (observation.ids.slice(fresh.length).some((id) => !places.has(id))) throw new CrawlFallback("inserted");
  let next = isGrounded ? queue.ids.length : findTurn(queue, fresh, observation.number);
  for (const id of fresh.toReversed()) {
    const at = queue.ids.indexOf(id);
    if (at >= next) throw new CrawlFallback("reordered");
    if (at < 0) queue.ids.splice(next, 0, id);
    else next = at;
    queue.pages.set(id, observation.number);
  }
  return fresh;
}

/** Where the last ones of a page on which nothing of the base stands belong: what the page showed before has moved inwards. */
function findTurn(queue: Queue, fresh: string[], page: number): number {
  const lastKnown = fresh.findLast((id) => queue.pages.has(id));
  if (lastKnown !== undefined) return queue.ids.indexOf(lastKnown) + 1;
  const turn = queue.ids.findIndex((id) => (queue.pages.get(id) ?? 0) >= page);
  return turn < 0 ? queue.ids.length : turn;
}
