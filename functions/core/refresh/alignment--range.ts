import type { OfferOrder } from "./baseline--roster.ts";
import { endPosition, countMissingBetween, type Position, startPosition, type Alignment } from "./alignment.ts";

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
export function listUnreadRanges(survey: Alignment, roster: OfferOrder): UnreadRange[] {
  const { rows, pageSize } = survey;
  const ranges: UnreadRange[] = [];
  let before = startPosition(roster);
  let fromPage = 1;
  for (const { number, first, last } of rows) {
    ranges.push({ before, after: first, fromPage, toPage: number, missing: countMissingBetween(before, first) });
    before = last;
    fromPage = number + 1;
  }
  const after = endPosition(survey, roster);
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
export function locateOffer(place: number, survey: Alignment, ranges: UnreadRange[]): [number, number] | null {
  const { pageSize, countKnown } = survey;
  const row = survey.rows.find(({ first, last }) => first.place <= place && place <= last.place);
  if (row !== undefined) return [row.number, row.number];
  const range = ranges.find(({ before, after }) => before.place < place && place < after.place);
  if (range === undefined) return null;
  const { before, missing, fromPage, toPage } = range;
  const highest = before.rank + countKnown(place) - before.known;
  const pageOf = (rank: number) => Math.floor(rank / pageSize) + 1;
  const [low, high] = [pageOf(highest - missing), pageOf(highest)];
  return [Math.max(low, fromPage), Math.min(high, toPage - 1)];
}
