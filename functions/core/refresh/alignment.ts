import type { OfferOrder } from "./baseline.ts";
import { type Deletions, findPlaces } from "./deletions.ts";
import { CrawlFallback, isPageObservation, type Observation, type PageObservation } from "./observation.ts";

/** An offer on a page: its place, its rank in the list, and how many known ones that are not gone stand before it. */
export type Position = { place: number; rank: number; known: number };

/** A page of the survey, by the indexes of its newest sight and of the oldest that showed the same, and its ends. */
export type AlignedPage = {
  number: number;
  isLast: boolean;
  observation: number;
  since: number;
  places: number[];
  first: Position;
  last: Position;
};

/**
 * The pages that may have been seen at one moment, in their order: of the newest sights as many as do not contradict
 * each other. Each rank is exact, since pages are of one length.
 */
export type Alignment = {
  rows: AlignedPage[];
  pageSize: number;
  /** How many offers the list holds, and the index of the newest sight that told; null as long as none did. */
  total: number | null;
  end: number | null;
  countKnown: (place: number) => number;
};

/** A list whose page has to be looked at so often moves faster than it can be read. */
const maxLooks = 12;

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

/** Throws where a page that is not the last one is not as long as the others. */
export function findPageSize(observations: Observation[]): number {
  const pages = observations.filter(isPageObservation);
  const full = pages.filter(({ isLast, isUnproved = false }) => !isLast && !isUnproved);
  const pageSize = full[0]?.ids.length ?? Math.max(1, ...pages.map(({ ids }) => ids.length));
  const isUneven = full.some(({ ids }) => ids.length !== pageSize);
  if (isUneven || pageSize === 0 || pages.some(({ ids }) => ids.length > pageSize))
    throw new CrawlFallback("uneven");
  return pageSize;
}

/** Whether page 1, looked at again, shows somebody new: what was seen before it lies shifted since. */
function showsEntry({ find, bornAt }: OfferOrder, { number, ids }: PageObservation, index: number): boolean {
  const born = bornAt(find(ids[0] ?? "") ?? 0);
  return number === 1 && index > 0 && born === index;
}

type Numbered = { observation: PageObservation; index: number };

function placeRow(
  order: OfferOrder,
  { observation, index }: Numbered,
  by: Pick<Alignment, "pageSize" | "countKnown">,
): AlignedPage {
  const { number, isLast } = observation;
  const places = findPlaces(order, observation);
  const mark = (at: number): Position => {
    const place = places[at] ?? NaN;
    return { place, rank: (number - 1) * by.pageSize + at, known: by.countKnown(place) };
  };
  return {
    number,
    isLast,
    observation: index,
    since: index,
    places,
    first: mark(0),
    last: mark(places.length - 1),
  };
}

/** Whether the row may be of one moment with the others; then it is one of them. */
function addRow(rows: AlignedPage[], row: AlignedPage, open: Position): boolean {
  const found = rows.findIndex(({ number }) => number >= row.number);
  const at = found < 0 ? rows.length : found;
  const [before, next] = [rows[at - 1], rows[at]];
  if (next?.number === row.number) return resumeRow(next, row);
  if (before?.isLast === true || (row.isLast && next !== undefined)) return false;
  if (!fits(before?.last ?? open, row.first)) return false;
  if (next !== undefined && !fits(row.last, next.first)) return false;
  rows.splice(at, 0, row);
  return true;
}

function resumeRow(row: AlignedPage, older: AlignedPage): boolean {
  const isSame = row.isLast === older.isLast && row.places.join() === older.places.join();
  if (isSame) row.since = older.since;
  return isSame;
}

/** Whether so many known ones lie between the two as ranks, or more, of which some are gone. */
function fits(before: Position, after: Position): boolean {
  return before.place < after.place && countMissingBetween(before, after) >= 0;
}

/** How many of the known ones between the two are gone, although no sight has shown it yet. */
export function countMissingBetween(before: Position, after: Position): number {
  return after.known - before.known - (after.rank - before.rank);
}

/** What stands before the first offer. */
export function startPosition({ from }: OfferOrder): Position {
  return { place: from - 1, rank: -1, known: -1 };
}

/** What stands behind the last one; null as long as nobody knows where that is. */
export function endPosition({ total, countKnown }: Alignment, { to }: OfferOrder): Position | null {
  return total === null ? null : { place: to, rank: total, known: countKnown(to) };
}

/** What lies between two neighbouring rows of a survey: pages that were not read, and offers that are missing there. */
export type UnreadRange = {
  before: Position;
  after: Position;
  /** Not read: from the first to before the second. */
  fromPage: number;
  toPage: number;
  missing: number;
};

/** In the list's order; what lies behind the last row only when the end is known. */
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

/** Pages whose sight halves what is to be searched for the missing. */
export function listMiddlePages(ranges: UnreadRange[]): number[] {
  return ranges
    .filter(({ missing, fromPage, toPage }) => missing > 0 && fromPage < toPage)
    .map(({ fromPage, toPage }) => (fromPage + toPage - 1) >> 1);
}

/** Requests that the search will take, if what is missing lies far apart. */
export function estimateSearchRequests(ranges: UnreadRange[]): number {
  return ranges
    .filter(({ missing }) => missing > 0)
    .reduce((sum, { missing, fromPage, toPage }) => {
      const pages = toPage - fromPage;
      const each = Math.log2(pages / missing + 1);
      return sum + Math.min(pages, missing * each);
    }, 0);
}

/** Offers known to be gone, for between two neighbouring pages there is no room for them; if both are of one moment. */
export function listSuspectRanges(ranges: UnreadRange[]): UnreadRange[] {
  return ranges.filter(({ missing, fromPage, toPage }) => missing > 0 && fromPage === toPage);
}

/** The lowest and the highest page that an offer may stand on; null when that is not bounded. */
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
