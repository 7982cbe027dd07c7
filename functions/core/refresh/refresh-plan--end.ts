import { isSamePage } from "../crawl/offer-page.ts";
import { isPageObservation, type PageObservation, type Observation } from "./observation.ts";
import { CrawlFallback } from "./observation--fallback.ts";

/**
 * The page to read for the end of the list, by what these sights tell of it: the expected one, then steps that
 * double on from it, or back; else the way between is halved.
 */
export function chooseProbePage(sights: Observation[], expected: number): number {
  let [low, high] = [0, Infinity];
  for (const { number, ids, isLast } of sights.filter(isPageObservation)) {
    const isPast = isLast && ids.length === 0;
    if (isPast) high = number;
    else if (!isLast) low = Math.max(low, number);
    // The list has moved meanwhile: the newer sight counts.
    if (low >= high) [low, high] = isPast ? [0, high] : [low, Infinity];
  }
  if (high === Infinity) return low < expected ? expected : low + (low - expected) + 1;
  if (high === 1) throw new CrawlFallback("foreign");
  if (low + 1 === high) return low;
  if (low < expected && expected < high) return expected;
  const step = Math.max(1, expected - high + 1);
  return Math.max((low + high) >> 1, high - step);
}

/**
 * The sights by what rows tell of the list's end: a page is the last one only where the one behind it was asked for
 * and has no rows, or shows the same once more.
 *
 * Example: page 3 says that it is the last one. Until page 4 has been asked for it counts as any other page; the
 * search for the end asks for page 4 next.
 */
export function proveEnds(sights: Observation[]): Observation[] {
  const newest = new Map(sights.filter(isPageObservation).map((page) => [page.number, page]));
  const isEmpty = (page: PageObservation) =>
    page.ids.length === 0 || repeatsLast(page, newest.get(page.number - 1));
  return sights.map((sight) => {
    if (!isPageObservation(sight)) return sight;
    if (isEmpty(sight)) return { ...sight, ids: [], fingerprints: [], isLast: true };
    const behind = newest.get(sight.number + 1);
    const isLast = sight.isLast && behind !== undefined && isEmpty(behind);
    return { ...sight, isLast, isUnproved: sight.isLast && !isLast };
  });
}

function repeatsLast(page: PageObservation, before: PageObservation | undefined): boolean {
  return before !== undefined && before.isLast && isSamePage(page, before);
}
