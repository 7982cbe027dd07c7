import type { Moment } from "../basics/calendar.ts";
import type { ListDirection } from "../crawl/crawl-state.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/**
 * The baseline is the complete snapshot that a refresh starts from, made by a crawl or by an earlier refresh. Its
 * offers are known by their place, the index in the snapshot. Insertions, the offers that the baseline lacks, get
 * the places before the first or behind the last one.
 *
 * Example: the baseline holds offers A B C, at places 0, 1 and 2, and new offers enter at page 1. Page 1 shows X Y A
 * B. Then the insertions are X at place -2 and Y at place -1. If page 1 shows A X B, no insertion explains it, and a
 * crawl replaces the refresh.
 */
export type Baseline = {
  /** In the portal's order, each id once. */
  ids: string[];
  /** The `fingerprintOffer` of each offer, by place. */
  fingerprints: ArrayLike<number>;
  /** Places of the offers that every refresh reads again. */
  due: number[];
  /** The end where new offers enter, by `findListDirection`. */
  grows: ListDirection;
  /** The positions of the rotation; empty after a crawl. */
  heads: RotationHead[];
};

/** A head of the rotation has read the places before `at` in this cycle, and goes on to the place before `until`. */
export type RotationHead = { at: number; until: number };

export type IndexedBaseline = Baseline & {
  size: number;
  /** The place of each id. */
  places: Map<string, number>;
  /** Places of the offers that this refresh must read. */
  isDue: Set<number>;
};

/** `touchedIds` are offers that must be read again because the portal's webhooks named them. */
export function indexBaseline(baseline: Baseline, touchedIds: string[]): IndexedBaseline {
  const places = new Map(baseline.ids.map((id, place) => [id, place]));
  const touched = touchedIds.map((id) => places.get(id)).filter((place) => place !== undefined);
  return { ...baseline, size: baseline.ids.length, places, isDue: new Set([...baseline.due, ...touched]) };
}

/**
 * The list is in order of creation when at least this share of its pairs is. The two offers of a pair stand a
 * quarter of the list apart. A list by creation time has a higher share, even with ties and small inversions. A
 * list in another order has about half.
 */
const minShare = 0.9;
/** Fewer pairs may be in order by chance. */
const minPairs = 6;

/**
 * Returns the end of the list where new offers enter. `createdAt` are the creation times of its offers in the list's
 * order, or an even sample of them. Null when the list is not in order of creation.
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
 * All known offers by place: the baseline's from 0 to `size - 1`, insertions before or behind them. A deletion does
 * not change the places of the others.
 */
export type OfferOrder = {
  /** The first place. */
  from: number;
  /** The place behind the last one. */
  to: number;
  /** The number of offers in the baseline. */
  size: number;
  find: (id: string) => number | undefined;
  /** Ids of the insertions, in the list's order. */
  insertions: string[];
  /** The index of the first observation of the insertion at this place; -1 for an offer of the baseline. */
  firstSeenAt: (place: number) => number;
};

/** Throws when an unknown offer stands between known ones, or when insertions have changed their order. */
export function buildOfferOrder(baseline: IndexedBaseline, observations: Observation[]): OfferOrder {
  const { places, size, grows } = baseline;
  const isNear = grows === "near";
  const queue: Queue = { ids: [], pages: new Map() };
  const firstSeen = new Map<string, number>();
  for (const [index, observation] of observations.entries()) {
    if (!isPageObservation(observation)) continue;
    const unknown = joinQueue(queue, isNear ? observation : mirror(observation), places);
    for (const id of unknown) if (!firstSeen.has(id)) firstSeen.set(id, index);
  }
  const insertions = isNear ? queue.ids : queue.ids.toReversed();
  const from = isNear ? -insertions.length : 0;
  const offset = isNear ? from : size;
  const inserted = new Map(insertions.map((id, index) => [id, offset + index]));
  return {
    from,
    to: isNear ? size : size + insertions.length,
    size,
    find: (id) => places.get(id) ?? inserted.get(id),
    insertions,
    firstSeenAt: (place) => firstSeen.get(insertions[place - offset] ?? "") ?? -1,
  };
}

/** Ids of the insertions, the outermost first, and the page where each was last seen. */
type Queue = { ids: string[]; pages: Map<string, number> };

/** Turns a page around, so that a list that grows at its far end is handled like one that grows at page 1. */
function mirror(observation: PageObservation): PageObservation {
  return { ...observation, number: -observation.number, ids: observation.ids.toReversed() };
}

/** Adds a page's insertions to the queue and returns them, those known from other pages included. */
function joinQueue(queue: Queue, observation: PageObservation, places: Map<string, number>): string[] {
  const firstKnown = observation.ids.findIndex((id) => places.has(id));
  const showsBaseline = firstKnown >= 0;
  const unknown = showsBaseline ? observation.ids.slice(0, firstKnown) : observation.ids;
  if (observation.ids.slice(unknown.length).some((id) => !places.has(id)))
    throw new CrawlFallback("inserted");
  let next = showsBaseline ? queue.ids.length : findQueueIndex(queue, unknown, observation.number);
  for (const id of unknown.toReversed()) {
    const at = queue.ids.indexOf(id);
    if (at >= next) throw new CrawlFallback("reordered");
    if (at < 0) queue.ids.splice(next, 0, id);
    else next = at;
    queue.pages.set(id, observation.number);
  }
  return unknown;
}

/**
 * Returns the index in the queue for the offers of a page that shows only insertions. They stand behind the last of
 * them that the queue already holds. When it holds none of them, they stand before the offers that were last seen
 * on this page or a later one: the new offers have pushed those towards the baseline.
 */
function findQueueIndex(queue: Queue, unknown: string[], page: number): number {
  const lastKnown = unknown.findLast((id) => queue.pages.has(id));
  if (lastKnown !== undefined) return queue.ids.indexOf(lastKnown) + 1;
  const index = queue.ids.findIndex((id) => (queue.pages.get(id) ?? 0) >= page);
  return index < 0 ? queue.ids.length : index;
}
