import type { OfferOrder } from "./baseline.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/** Places from one to before another, whose offers are gone by what the sight of that index showed. */
export type DeletedRange = { from: number; to: number; observation: number };

/** The offers that are gone for certain; `gaps` in the list's order, none touching another's places. */
export type Deletions = {
  gaps: DeletedRange[];
  has: (place: number) => boolean;
  countBefore: (place: number) => number;
};

/**
 * Two neighbours on a page have nobody between them, and that is of one moment: who stood there is gone. The same
 * holds before page 1 and behind the last page, and for who is asked for and not there. Gone is gone: an offer that
 * a later sight shows again makes it another list than was thought.
 */
export function listDeletions(order: OfferOrder, observations: Observation[]): Deletions {
  let gaps: DeletedRange[] = [];
  for (const [index, observation] of observations.entries()) {
    for (const id of listShownOffers(observation)) assertGone(gaps, order.find(id), observations, index);
    for (const gap of listGaps(order, observation, index))
      gaps = addGap(gaps, observation.kind === "page" ? cutNewcomers(order, gap) : gap);
  }
  return indexDeletions(gaps);
}

export function indexDeletions(gaps: DeletedRange[]): Deletions {
  const sums: number[] = [];
  let sum = 0;
  for (const { from, to } of gaps) {
    sums.push(sum);
    sum += to - from;
  }

  function countBefore(place: number): number {
    let [low, high] = [0, gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((gaps[middle]?.from ?? Infinity) < place) low = middle + 1;
      else high = middle;
    }
    const last = gaps[low - 1];
    return last === undefined ? 0 : (sums[low - 1] ?? 0) + Math.min(place, last.to) - last.from;
  }

  return { gaps, countBefore, has: (place) => countBefore(place + 1) > countBefore(place) };
}

/** Who the sight shows to be there. */
export function listShownOffers(observation: Observation): string[] {
  if (isPageObservation(observation)) return observation.ids;
  return observation.fingerprint === null ? [] : [observation.id];
}

function assertGone(
  gaps: DeletedRange[],
  place: number | undefined,
  observations: Observation[],
  index: number,
): void {
  if (place === undefined) return;
  const gap = gaps.find(({ from, to }) => from <= place && place < to);
  // Of two that were under way together either may have been first.
  if (gap !== undefined && observations[gap.observation]?.round !== observations[index]?.round)
    throw new CrawlFallback("reordered");
}

function listGaps(order: OfferOrder, observation: Observation, index: number): DeletedRange[] {
  if (isPageObservation(observation)) return listPageGaps(order, observation, index);
  const place = observation.fingerprint === null ? order.find(observation.id) : undefined;
  return place === undefined ? [] : [{ from: place, to: place + 1, observation: index }];
}

function listPageGaps(order: OfferOrder, observation: PageObservation, index: number): DeletedRange[] {
  const places = findPlaces(order, observation);
  if (places.length === 0) return [];
  const before = observation.number === 1 ? [order.from - 1] : [];
  const behind = observation.isLast ? [order.to] : [];
  const marks = [...before, ...places, ...behind];
  return marks.slice(1).flatMap((to, at) => {
    const from = (marks[at] ?? to) + 1;
    return from < to ? [{ from, to, observation: index }] : [];
  });
}

/** Throws when the page's offers stand in another order than before. */
export function findPlaces(order: OfferOrder, { ids }: PageObservation): number[] {
  const places = ids.map((id) => order.find(id) ?? NaN);
  if (places.some((place, at) => at > 0 && !(place > (places[at - 1] ?? -Infinity))))
    throw new CrawlFallback("reordered");
  return places;
}

/** How newcomers stand among each other is known less well than the base's order: they are asked for. */
function cutNewcomers({ size }: OfferOrder, gap: DeletedRange): DeletedRange {
  return { ...gap, from: Math.max(gap.from, 0), to: Math.min(gap.to, size) };
}

/** Newcomers that a page left no room for after they were seen. */
export function listDoubtfulInsertions(
  order: OfferOrder,
  observations: Observation[],
  { has }: Deletions,
): string[] {
  const gaps = observations.map((observation, index) =>
    isPageObservation(observation) ? listPageGaps(order, observation, index) : [],
  );
  return order.insertions.filter((id) => {
    const place = order.find(id) ?? 0;
    const shown = observations.findLast((observation) => listShownOffers(observation).includes(id));
    const lacks = (observation: Observation, index: number) =>
      observation.round > (shown?.round ?? 0) &&
      (gaps[index] ?? []).some(({ from, to }) => from <= place && place < to);
    return !has(place) && observations.some(lacks);
  });
}

/** The gaps with what of this one was not known before, so that each keeps its first sight. */
function addGap(gaps: DeletedRange[], gap: DeletedRange): DeletedRange[] {
  if (gap.from >= gap.to) return gaps;
  let { from } = gap;
  const added: DeletedRange[] = [];
  for (const known of gaps) {
    if (known.to <= from || known.from >= gap.to) continue;
    if (from < known.from) added.push({ ...gap, from, to: known.from });
    from = Math.max(from, known.to);
  }
  if (from < gap.to) added.push({ ...gap, from });
  return added.length === 0 ? gaps : [...gaps, ...added].toSorted((a, b) => a.from - b.from);
}
