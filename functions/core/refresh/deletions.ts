import type { OfferOrder } from "./baseline.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/**
 * Deletions are the known offers that are certainly gone. A page shows the list at one moment. So when two offers
 * stand next to each other on a page, every offer that stood between them is gone. In the same way, every offer that
 * stood before the first offer of page 1 or after the last offer of the last page is gone. An offer is also gone when
 * the portal was asked for it by its id and does not have it.
 *
 * Example: the baseline holds A B C D at places 0 to 3. A page shows A D, so places 1 and 2 are deleted. If a later
 * page showed B again, the observations would contradict each other, and a crawl would replace the refresh.
 */

/**
 * Deleted offers: those at the places `from` to `to - 1`. `observation` is the index of the first observation that
 * shows that they are gone.
 */
export type DeletedRange = { from: number; to: number; observation: number };

export type Deletions = {
  /** The deleted ranges, in the list's order. No place is in two of them. */
  ranges: DeletedRange[];
  has: (place: number) => boolean;
  /** Returns the number of deleted offers before the place. */
  countBefore: (place: number) => number;
};

/**
 * Returns the deletions that the observations show. Throws when a deleted offer is shown again, or when a page shows
 * offers in another order than before.
 */
export function listDeletions(order: OfferOrder, observations: Observation[]): Deletions {
  let ranges: DeletedRange[] = [];
  for (const [index, observation] of observations.entries()) {
    for (const id of listShownOffers(observation))
      assertNotDeleted(ranges, order.find(id), observations, index);
    for (const range of listRanges(order, observation, index))
      ranges = addRange(ranges, observation.kind === "page" ? clipToBaseline(order, range) : range);
  }
  return indexDeletions(ranges);
}

function indexDeletions(ranges: DeletedRange[]): Deletions {
  const sums: number[] = [];
  let sum = 0;
  for (const { from, to } of ranges) {
    sums.push(sum);
    sum += to - from;
  }

  function countBefore(place: number): number {
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.from ?? Infinity) < place) low = middle + 1;
      else high = middle;
    }
    const last = ranges[low - 1];
    return last === undefined ? 0 : (sums[low - 1] ?? 0) + Math.min(place, last.to) - last.from;
  }

  return { ranges, countBefore, has: (place) => countBefore(place + 1) > countBefore(place) };
}

/** Returns the ids of the offers that the observation shows. */
export function listShownOffers(observation: Observation): string[] {
  if (isPageObservation(observation)) return observation.ids;
  return observation.fingerprint === null ? [] : [observation.id];
}

function assertNotDeleted(
  ranges: DeletedRange[],
  place: number | undefined,
  observations: Observation[],
  index: number,
): void {
  if (place === undefined) return;
  const range = ranges.find(({ from, to }) => from <= place && place < to);
  // The answers of one round may have come in any order. So one answer may show an offer that another answer shows to
  // be gone.
  if (range !== undefined && observations[range.observation]?.round !== observations[index]?.round)
    throw new CrawlFallback("reordered");
}

function listRanges(order: OfferOrder, observation: Observation, index: number): DeletedRange[] {
  if (isPageObservation(observation)) return listPageRanges(order, observation, index);
  const place = observation.fingerprint === null ? order.find(observation.id) : undefined;
  return place === undefined ? [] : [{ from: place, to: place + 1, observation: index }];
}

function listPageRanges(order: OfferOrder, observation: PageObservation, index: number): DeletedRange[] {
  const places = findPlaces(order, observation);
  if (places.length === 0) return [];
  const before = observation.number === 1 ? [order.from - 1] : [];
  const behind = observation.isLast ? [order.to] : [];
  const neighbours = [...before, ...places, ...behind];
  return neighbours.slice(1).flatMap((to, at) => {
    const from = (neighbours[at] ?? to) + 1;
    return from < to ? [{ from, to, observation: index }] : [];
  });
}

/**
 * Returns the places of the offers on the page. Throws when the page shows its offers in another order than `order`.
 */
export function findPlaces(order: OfferOrder, { ids }: PageObservation): number[] {
  const places = ids.map((id) => order.find(id) ?? NaN);
  if (places.some((place, at) => at > 0 && !(place > (places[at - 1] ?? -Infinity))))
    throw new CrawlFallback("reordered");
  return places;
}

/**
 * Removes the places of insertions from the range. The order of insertions is less certain than the order of the
 * baseline, so a page alone does not prove that an insertion is gone.
 */
function clipToBaseline({ size }: OfferOrder, range: DeletedRange): DeletedRange {
  return { ...range, from: Math.max(range.from, 0), to: Math.min(range.to, size) };
}

/**
 * Returns the ids of the insertions that may be gone. After such an insertion was last seen, a page was read that
 * leaves no room for it. The portal must be asked for these offers by id.
 */
export function listDoubtfulInsertions(
  order: OfferOrder,
  observations: Observation[],
  { has }: Deletions,
): string[] {
  const ranges = observations.map((observation, index) =>
    isPageObservation(observation) ? listPageRanges(order, observation, index) : [],
  );
  return order.insertions.filter((id) => {
    const place = order.find(id) ?? 0;
    const shown = observations.findLast((observation) => listShownOffers(observation).includes(id));
    const lacks = (observation: Observation, index: number) =>
      observation.round > (shown?.round ?? 0) &&
      (ranges[index] ?? []).some(({ from, to }) => from <= place && place < to);
    return !has(place) && observations.some(lacks);
  });
}

/**
 * Adds the places of `range` that are not in `ranges` yet. So each place keeps the first observation that showed that
 * its offer is gone.
 */
function addRange(ranges: DeletedRange[], range: DeletedRange): DeletedRange[] {
  if (range.from >= range.to) return ranges;
  let { from } = range;
  const added: DeletedRange[] = [];
  for (const known of ranges) {
    if (known.to <= from || known.from >= range.to) continue;
    if (from < known.from) added.push({ ...range, from, to: known.from });
    from = Math.max(from, known.to);
  }
  if (from < range.to) added.push({ ...range, from });
  return added.length === 0 ? ranges : [...ranges, ...added].toSorted((a, b) => a.from - b.from);
}
