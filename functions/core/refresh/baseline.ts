import type { Moment } from "../basics/calendar.ts";
import type { ListDirection } from "../crawl/crawl-state.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/**
 * The baseline is the complete snapshot that a refresh starts from. A crawl or an earlier refresh has made it. The
 * place of an offer is its index in the baseline. Insertions are offers that the baseline does not have. Their places
 * are before the first place of the baseline or after its last place.
 *
 * Example: the baseline holds offers A B C at places 0, 1 and 2, and new offers appear at the start of page 1. Page 1
 * shows X Y A B. Then the insertions are X at place -2 and Y at place -1. If page 1 showed A X B, the new offer X
 * would not stand before the baseline's offers, and a crawl would replace the refresh.
 */
export type Baseline = {
  /** The ids of the baseline's offers, in the portal's order and without duplicates. */
  ids: string[];
  /** The result of `fingerprintOffer` for each offer. The index is the offer's place. */
  fingerprints: ArrayLike<number>;
  /** The places of the offers that every refresh reads again. */
  due: number[];
  /** The end of the list where new offers appear, as `findListDirection` returns it. */
  grows: ListDirection;
  /**
   * How far the rotation has come; empty after a crawl. The rotation reads all offers again over several refreshes.
   */
  heads: RotationHead[];
};

/**
 * One of the positions of the rotation, which reads all offers again over several refreshes. From this position, the
 * offers at places `at` to `until - 1` must still be read.
 */
export type RotationHead = { at: number; until: number };

export type IndexedBaseline = Baseline & {
  size: number;
  /** The place of each offer, by the offer's id. */
  places: Map<string, number>;
  /** The places of the offers that this refresh must read. */
  isDue: Set<number>;
};

/**
 * Indexes the baseline by id. The offers in `touchedIds` must be read again, because portal webhooks have named them.
 */
export function indexBaseline(baseline: Baseline, touchedIds: string[]): IndexedBaseline {
  const places = new Map(baseline.ids.map((id, place) => [id, place]));
  const touched = touchedIds.map((id) => places.get(id)).filter((place) => place !== undefined);
  return { ...baseline, size: baseline.ids.length, places, isDue: new Set([...baseline.due, ...touched]) };
}

/**
 * The list counts as ordered by creation time when at least this share of offer pairs is in that order. The two
 * offers of a pair stand a quarter of the list apart. A list by creation time has a higher share, even when some
 * times are equal or slightly out of order. A list in another order has a share of about one half.
 */
const minShare = 0.9;
/** The order is judged by at least this many pairs, because fewer pairs may be in order by chance. */
const minPairs = 6;

/**
 * Returns the end of the list where new offers appear; null when the list is not clearly in order of creation.
 * `createdAt` has the creation times of the offers, in the list's order.
 */
export function findListDirection(createdAt: (Moment | null)[]): ListDirection | null {
  const { rises, falls } = comparePairs(createdAt);
  if (rises + falls < minPairs) return null;
  if (isMost(rises, falls)) return "far";
  return isMost(falls, rises) ? "near" : null;
}

/**
 * Returns the end of the list where the newer offers stand, even for a list of a few offers. Returns `near` for a list
 * that is not in order of creation, so that its order stays. Unlike `findListDirection`, proves nothing about the list.
 */
export function findNewerEnd(createdAt: (Moment | null)[]): ListDirection {
  const { rises, falls } = comparePairs(createdAt);
  return rises > 0 && isMost(rises, falls) ? "far" : "near";
}

function comparePairs(createdAt: (Moment | null)[]): { rises: number; falls: number } {
  const step = Math.ceil(createdAt.length / 4);
  let [rises, falls] = [0, 0];
  for (const [index, before] of createdAt.entries()) {
    const after = createdAt[index + step] ?? null;
    if (before === null || after === null) continue;
    if (after > before) rises += 1;
    if (after < before) falls += 1;
  }
  return { rises, falls };
}

function isMost(count: number, others: number): boolean {
  return count >= minShare * (count + others);
}

/**
 * The places of all known offers. The baseline's offers have the places 0 to `size - 1`. The insertions have places
 * before or after these. A deletion does not change the places of the remaining offers.
 */
export type OfferOrder = {
  /** The place of the first known offer. */
  from: number;
  /** The place after the last known offer. It belongs to no offer. */
  to: number;
  /** The number of offers in the baseline. */
  size: number;
  find: (id: string) => number | undefined;
  /** The ids of the insertions, in the list's order. */
  insertions: string[];
  /**
   * Returns the index of the first observation that showed the insertion at `place`; -1 for an offer of the baseline.
   */
  firstSeenAt: (place: number) => number;
};

/**
 * Returns the order of all known offers. Throws when an unknown offer stands between offers of the baseline, or when
 * insertions have changed their order.
 */
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

/**
 * The insertions found so far. `ids` has their ids, from the end of the list where new offers appear towards the
 * baseline. `pages` has the number of the page on which each insertion was last seen.
 */
type Queue = { ids: string[]; pages: Map<string, number> };

/** Reverses a page. So a list that grows at its last page can be handled like a list that grows at page 1. */
function mirror(observation: PageObservation): PageObservation {
  return { ...observation, number: -observation.number, ids: observation.ids.toReversed() };
}

/**
 * Adds the insertions on a page to the queue. Returns all insertions on the page, including those that the queue
 * already had.
 */
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
 * Returns the index in the queue for the offers of a page that shows only insertions. If the queue already has some
 * of these offers, the index is right after the last of them. Otherwise the offers of the page are new. They have
 * pushed the insertions that were last seen on this page or a later one towards the baseline. So the index is that of
 * the first pushed insertion.
 */
function findQueueIndex(queue: Queue, unknown: string[], page: number): number {
  const lastKnown = unknown.findLast((id) => queue.pages.has(id));
  if (lastKnown !== undefined) return queue.ids.indexOf(lastKnown) + 1;
  const index = queue.ids.findIndex((id) => (queue.pages.get(id) ?? 0) >= page);
  return index < 0 ? queue.ids.length : index;
}
