import type { OfferOrder } from "./baseline.ts";
import { type Deletions, findPlaces } from "./deletions.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/**
 * The alignment matches the portal's list as it is now with the offers known from earlier. It takes the newest
 * observations, page by page, as long as the list can have had all these pages at one moment. All pages have the same
 * length, so the rank of each offer, its index in the list, is exact. Between two aligned pages, the number of known
 * offers is compared with the number of ranks. When there are more known offers than ranks, some of these known
 * offers are gone.
 *
 * Example: pages hold 15 offers, and the baseline has offers at places 0 to 44 (a place is an index in the baseline).
 * Page 1 ends with the offer of place 14 at rank 14, and page 3 starts with the offer of place 31 at rank 30. Between
 * them 16 offers are known, places 15 to 30, but page 2 has only 15 ranks. So one of these 16 offers is gone, and
 * page 2 shows which one.
 */

/**
 * An offer on a page. `place` is its index in the baseline, `rank` its index in the list as it is now, and `known`
 * the number of known offers before it that are not deleted.
 */
type Position = { place: number; rank: number; known: number };

type AlignedPage = {
  number: number;
  isLast: boolean;
  /** The index of the newest observation of the page. */
  observation: number;
  /** The index of the oldest observation from which on the page has always shown the same offers. */
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
  /** Returns the number of known offers that stand before the place and are not deleted. */
  countKnown: (place: number) => number;
};

/**
 * One page may be read at most this many times. When a page needs more, the list changes faster than it can be read.
 */
const maxLooks = 12;

/**
 * Returns the alignment of the observed pages. Throws when the list changes too fast, or when a page other than the
 * last one differs in length.
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
 * True when the observation is of page 1 and is the first one with the offer at the top of that page. This new offer
 * has shifted the list, so earlier observations show their offers at lower ranks than now.
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
 * Adds the page to the aligned pages when the list can have had all of them at one moment. Returns false when the
 * list cannot have had them.
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

/** True when at least as many known offers lie between the two positions as there are ranks between the two. */
function fits(before: Position, after: Position): boolean {
  return before.place < after.place && countMissingBetween(before, after) >= 0;
}

/**
 * Returns the number of known offers between the two positions that must be gone, because there are too few ranks for
 * them.
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

/** A part of the list between two neighbouring pages of the alignment, or at an end of the list. */
export type UnreadRange = {
  before: Position;
  after: Position;
  /** The number of the first page in the range. */
  fromPage: number;
  /** The number of the page right after the range; equals `fromPage` when the range has no pages. */
  toPage: number;
  /** The number of known offers in the range that must be gone. */
  missing: number;
};

/**
 * Returns the unread ranges in the list's order. The range after the last aligned page is included when the end of
 * the list is known.
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

/** Returns the middle page of each range with missing offers. Reading that page halves the search. */
export function listMiddlePages(ranges: UnreadRange[]): number[] {
  return ranges
    .filter(({ missing, fromPage, toPage }) => missing > 0 && fromPage < toPage)
    .map(({ fromPage, toPage }) => (fromPage + toPage - 1) >> 1);
}

/** Returns the expected number of requests that find the missing offers, if these offers lie far apart in the list. */
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
 * Returns the ranges without an unread page that have missing offers. The pages on both sides of such a range leave
 * no room for these offers.
 */
export function listSuspectRanges(ranges: UnreadRange[]): UnreadRange[] {
  return ranges.filter(({ missing, fromPage, toPage }) => missing > 0 && fromPage === toPage);
}

/**
 * Returns the lowest and the highest page on which the offer at `place` can stand; null when the offer is after all
 * read pages and the end of the list is unknown.
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
