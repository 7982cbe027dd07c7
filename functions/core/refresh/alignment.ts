import type { OfferOrder } from "./baseline.ts";
import { type Deletions, findPlaces } from "./deletions.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/**
 * The alignment gives each offer on a page its rank, which is the offer's index in the portal's present list. All
 * pages have the same length, so the page number and the offer's index on the page give the exact rank. The alignment
 * starts with the newest observation and adds older ones, as long as the list can have had all these pages at one
 * moment. Between two aligned pages, it compares the number of known offers with the number of ranks. When there are
 * more known offers than ranks, some of these offers are gone.
 *
 * Example: pages hold 15 offers, and the baseline has offers at places 0 to 44 (a place is an index in the baseline).
 * Page 1 ends with the offer of place 14 at rank 14, and page 3 starts with the offer of place 31 at rank 30. Between
 * them 16 offers are known, at places 15 to 30, but page 2 has only 15 ranks. So one of these 16 offers is gone, and
 * page 2 will show which one.
 */

/**
 * The position of an offer. `place` is its index in the baseline. `rank` is its index in the portal's present list.
 * `known` is the number of known offers before it, without the deleted ones.
 */
type Position = { place: number; rank: number; known: number };

type AlignedPage = {
  number: number;
  isLast: boolean;
  /** The index of the newest observation of the page. */
  observation: number;
  /** The index of an observation. All observations of the page from this one on show the same offers. */
  since: number;
  places: number[];
  first: Position;
  last: Position;
};

export type Alignment = {
  /** The aligned pages, in the order of their page numbers. */
  rows: AlignedPage[];
  pageSize: number;
  /** The number of offers in the list; null until the last page has been observed. */
  total: number | null;
  /** The index of the newest observation of the last page; null until the last page has been observed. */
  end: number | null;
  /** Returns the number of known offers before the place, without the deleted ones. */
  countKnown: (place: number) => number;
};

/**
 * A refresh may read the same page at most this many times. When a page needs more readings, the list changes too
 * fast for a refresh.
 */
const maxLooks = 12;

/**
 * Returns the alignment of the observed pages. Throws when the list changes too fast, or when the pages differ in
 * length (only the last page may be shorter).
 */
export function alignPages(order: OfferOrder, deletions: Deletions, observations: Observation[]): Alignment {
  assertCalm(observations);
  const pageSize = findPageSize(observations);
  const countKnown = (place: number) => place - order.from - deletions.countBefore(place);
  const rows: AlignedPage[] = [];
  for (const [index, observation] of [...observations.entries()].toReversed()) {
    if (!isPageObservation(observation) || observation.ids.length === 0) continue;
    const row = placeRow(order, { observation, index }, { pageSize, countKnown });
    if (!addRow(rows, row, startPosition(order)) || showsEntry(order, observation, index)) break;
  }
  const end = rows.at(-1);
  const isEnd = end?.isLast === true;
  return {
    rows,
    pageSize,
    countKnown,
    total: isEnd ? end.last.rank + 1 : null,
    end: isEnd ? end.observation : null,
  };
}

function assertCalm(observations: Observation[]): void {
  const looks = new Map<number, number>();
  for (const { number } of observations.filter(isPageObservation))
    looks.set(number, (looks.get(number) ?? 0) + 1);
  if (Math.max(0, ...looks.values()) > maxLooks) throw new CrawlFallback("restless");
}

/**
 * Returns the number of offers on a full page. Throws when a page is longer, or when a page other than the last one
 * is shorter.
 */
export function findPageSize(observations: Observation[]): number {
  const pages = observations.filter(isPageObservation);
  const full = pages.filter(({ isLast, isUnproved = false }) => !isLast && !isUnproved);
  const pageSize = full[0]?.ids.length ?? Math.max(1, ...pages.map(({ ids }) => ids.length));
  const isUneven = full.some(({ ids }) => ids.length !== pageSize);
  if (isUneven || pageSize === 0 || pages.some(({ ids }) => ids.length > pageSize))
    throw new CrawlFallback("uneven");
  return pageSize;
}

/**
 * True when page 1 shows a new offer at the top, and no earlier observation has shown this offer. The offer has
 * shifted the list, so the other offers had lower ranks in earlier observations.
 */
function showsEntry(
  { find, firstSeenAt }: OfferOrder,
  { number, ids }: PageObservation,
  index: number,
): boolean {
  const firstSeen = firstSeenAt(find(ids[0] ?? "") ?? 0);
  return number === 1 && index > 0 && firstSeen === index;
}

type Numbered = { observation: PageObservation; index: number };

function placeRow(
  order: OfferOrder,
  { observation, index }: Numbered,
  { pageSize, countKnown }: Pick<Alignment, "pageSize" | "countKnown">,
): AlignedPage {
  const { number, isLast } = observation;
  const places = findPlaces(order, observation);
  const locate = (at: number): Position => {
    const place = places[at] ?? NaN;
    return { place, rank: (number - 1) * pageSize + at, known: countKnown(place) };
  };
  return {
    number,
    isLast,
    observation: index,
    since: index,
    places,
    first: locate(0),
    last: locate(places.length - 1),
  };
}

/**
 * Adds the page to the aligned pages if the list can have had all these pages at one moment. Otherwise returns false.
 */
function addRow(rows: AlignedPage[], row: AlignedPage, start: Position): boolean {
  const found = rows.findIndex(({ number }) => number >= row.number);
  const at = found < 0 ? rows.length : found;
  const [before, next] = [rows[at - 1], rows[at]];
  if (next?.number === row.number) return extendRow(next, row);
  if (before?.isLast === true || (row.isLast && next !== undefined)) return false;
  if (!fits(before?.last ?? start, row.first)) return false;
  if (next !== undefined && !fits(row.last, next.first)) return false;
  rows.splice(at, 0, row);
  return true;
}

function extendRow(row: AlignedPage, older: AlignedPage): boolean {
  const isSame = row.isLast === older.isLast && row.places.join() === older.places.join();
  if (isSame) row.since = older.since;
  return isSame;
}

/**
 * True when `before` precedes `after` in the baseline, and the baseline has at least as many offers between them as the
 * list has now.
 */
function fits(before: Position, after: Position): boolean {
  return before.place < after.place && countMissingBetween(before, after) >= 0;
}

/**
 * Returns how many more offers the baseline has between the two positions than the list has now. This many offers have
 * been deleted.
 */
function countMissingBetween(before: Position, after: Position): number {
  return after.known - before.known - (after.rank - before.rank);
}

/** Returns the position right before the first offer of the list. */
function startPosition({ from }: OfferOrder): Position {
  return { place: from - 1, rank: -1, known: -1 };
}

/** Returns the position right after the last offer of the list; null until the last page has been observed. */
function endPosition({ total, countKnown }: Alignment, { to }: OfferOrder): Position | null {
  return total === null ? null : { place: to, rank: total, known: countKnown(to) };
}

/** The part of the list between two neighbouring aligned pages, before the first one or after the last one. */
export type UnreadRange = {
  before: Position;
  after: Position;
  /** The page number at which the range begins. */
  fromPage: number;
  /** The page number right after the range; equals `fromPage` when the range has no pages. */
  toPage: number;
  /** The number of known offers in the range that are gone, because the range has too few ranks for all of them. */
  missing: number;
};

/**
 * Returns the unread ranges, in the list's order. The range after the last aligned page is included only when the end
 * of the list is known.
 */
export function listUnreadRanges(alignment: Alignment, order: OfferOrder): UnreadRange[] {
  const { rows, pageSize } = alignment;
  const ranges: UnreadRange[] = [];
  let before = startPosition(order);
  let fromPage = 1;
  for (const { number, first, last } of rows) {
    ranges.push({
      before,
      after: first,
      fromPage,
      toPage: number,
      missing: countMissingBetween(before, first),
    });
    before = last;
    fromPage = number + 1;
  }
  const after = endPosition(alignment, order);
  if (after === null) return ranges;
  const toPage = Math.max(fromPage, Math.ceil(after.rank / pageSize) + 1);
  return [...ranges, { before, after, fromPage, toPage, missing: countMissingBetween(before, after) }];
}

/**
 * Returns the middle page of each range with missing offers. Once this page is read, it is known in which half of the
 * range offers are missing.
 */
export function listMiddlePages(ranges: UnreadRange[]): number[] {
  return ranges
    .filter(({ missing, fromPage, toPage }) => missing > 0 && fromPage < toPage)
    .map(({ fromPage, toPage }) => (fromPage + toPage - 1) >> 1);
}

/**
 * Estimates the number of requests that the search for the missing offers takes. Assumes that these offers stand far
 * apart in the list.
 */
export function estimateSearchRequests(ranges: UnreadRange[]): number {
  return ranges
    .filter(({ missing }) => missing > 0)
    .reduce((sum, { missing, fromPage, toPage }) => {
      const pages = toPage - fromPage;
      const each = Math.log2(pages / missing + 1);
      return sum + Math.min(pages, missing * each);
    }, 0);
}

/**
 * Returns the ranges that have missing offers but no page left to read. The pages on both sides of such a range leave
 * no room for these offers.
 */
export function listSuspectRanges(ranges: UnreadRange[]): UnreadRange[] {
  return ranges.filter(({ missing, fromPage, toPage }) => missing > 0 && fromPage === toPage);
}

/**
 * Returns the numbers of the lowest and the highest page on which the offer at `place` can stand. Returns null when
 * the offer stands after all pages that were read, and the end of the list is unknown.
 */
export function locateOffer(
  place: number,
  alignment: Alignment,
  ranges: UnreadRange[],
): [number, number] | null {
  const { pageSize, countKnown } = alignment;
  const row = alignment.rows.find(({ first, last }) => first.place <= place && place <= last.place);
  if (row !== undefined) return [row.number, row.number];
  const range = ranges.find(({ before, after }) => before.place < place && place < after.place);
  if (range === undefined) return null;
  const { before, missing, fromPage, toPage } = range;
  const highest = before.rank + countKnown(place) - before.known;
  const pageOf = (rank: number) => Math.floor(rank / pageSize) + 1;
  const [low, high] = [pageOf(highest - missing), pageOf(highest)];
  return [Math.max(low, fromPage), Math.min(high, toPage - 1)];
}
