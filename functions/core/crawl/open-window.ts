import { ExportError } from "../basics/errors.ts";
import { addAnomaly, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { contradictoryPage } from "./last-page-search.ts";
import {
  countUnseen,
  hasIntruder,
  isBeyondEnd,
  listOverlaps,
  type OfferPage,
  sumOverlaps,
} from "./offer-page.ts";

/**
 * A window is open when its pages have been read but are not yet proved to be complete. This file changes the crawl's
 * state when a window is opened, and later when it is confirmed, voided or closed without a proof.
 *
 * Example: the window of pages 60 to 117 is opened. Part 2 of the snapshot holds pages 59 to 116, and `nextPage` is
 * 118. When the window is proved, it is confirmed: the first offer of page 117 is added to `seamIds`, and the next
 * window starts with page 117. When the proof fails, the window is voided: part 2 does not count, and `nextPage` is 60
 * again.
 */

/**
 * A crawl reads at most this many pages. At 15 offers a page, a list of this length has 675,000 offers and takes 12.5
 * hours at 60 requests a minute.
 */
const maxPages = 45_000;

/**
 * `pages` are the window's pages in the list's order, with the probe page last. `repairs` are pages of the previous
 * window.
 */
export type WindowReading = { pages: OfferPage[]; repairs: Repairs; isFramed: boolean };

/**
 * Pages of a proved window that were read again. `unseen` is the number of offers on them that the window has not shown
 * before.
 */
export type Repairs = { pages: OfferPage[]; unseen: number };
export const noRepairs: Repairs = { pages: [], unseen: 0 };

/**
 * Returns the pages that go into the window's part of the snapshot. The probe page goes into the next window's part,
 * unless it is the last page of the list or the only page of the window.
 */
export function listKeptPages({ pages, repairs }: WindowReading): OfferPage[] {
  const isEnd = pages.length === 1 || pages.at(-1)?.isLast === true;
  return [...repairs.pages, ...(isEnd ? pages : pages.slice(0, -1))];
}

/**
 * Returns the crawl's state after the pages of a window have been read. The pages of `listKeptPages` are stored as the
 * next part of the snapshot.
 */
export function openWindow(before: CrawlState, reading: WindowReading): CrawlState {
  const { pages, repairs } = reading;
  const reread = addRereads(before, countOffers(listReread(before, pages)), false);
  const crawl = noteRows(noteRepairs(reread, repairs), pages);
  const probe = pages.at(-1);
  if (probe === undefined) return crawl;
  if (!probe.isLast && probe.number >= maxPages)
    throw new ExportError("size", "too_many_pages", tooManyPages);
  const kept = listKeptPages(reading);
  return {
    ...addPart(crawl, kept),
    nextPage: probe.number + 1,
    isFarKept: kept.includes(probe),
    expectedPages: probe.isLast ? probe.number : crawl.expectedPages,
    open: describeWindow(crawl, reading, probe),
    seamIds: listInnerPages(pages)
      .slice(-2)
      .flatMap((page) => page.ids),
  };
}

/** Returns all pages before the probe page. When the window has only one page, returns that page. */
function listInnerPages(pages: OfferPage[]): OfferPage[] {
  return pages.length > 1 ? pages.slice(0, -1) : pages;
}

function describeWindow(crawl: CrawlState, reading: WindowReading, probe: OfferPage): OpenWindow {
  const { pages, repairs, isFramed } = reading;
  const inner = listInnerPages(pages);
  return {
    fromPage: crawl.nextPage,
    farPage: probe.number,
    farIds: probe.ids,
    isLast: probe.isLast,
    isFramed,
    doubles: countDuplicates(pages),
    joints: inner === pages ? null : listOverlaps(inner, crawl.topIds?.length ?? 0),
    hollowPage: pages.find((page) => page !== probe && isBeyondEnd(page))?.number ?? null,
    seamIds: crawl.seamIds,
    offers: countOffers(listKeptPages(reading)),
    mends: repairs.pages.length > 0,
    wasFarKept: crawl.isFarKept,
    isUnclaimed: probe.isUnclaimed ?? false,
    hasIntruder: hasIntruder(pages, crawl.startedMs),
  };
}

/** Returns those pages of the window that are already in an earlier part of the snapshot. */
function listReread({ nextPage, isFarKept }: CrawlState, pages: OfferPage[]): OfferPage[] {
  const firstPage = isFarKept ? nextPage : nextPage - 1;
  return pages.filter(({ number }) => number < firstPage);
}

/**
 * Notes that the next part of the snapshot starts with rereads: its first `offers` offers may also be in an earlier
 * part.
 */
function addRereads(crawl: CrawlState, offers: number, isMend: boolean): CrawlState {
  if (offers === 0) return crawl;
  return addReread(crawl, { offers, isMend });
}

function addReread(crawl: CrawlState, reread: Omit<CrawlState["rereads"][number], "part">): CrawlState {
  return { ...crawl, rereads: [...crawl.rereads, { part: crawl.parts + 1, ...reread }] };
}

/**
 * Changes the notes about rereads, because the newest part is void. Its notes about repairs move to the next part. Its
 * other notes are dropped, because the next window makes them again.
 */
function moveRereads(crawl: CrawlState): CrawlState {
  const { parts, rereads } = crawl;
  const others = rereads.filter(({ part }) => part !== parts);
  const repairs = rereads.filter(({ part, isMend }) => part === parts && isMend);
  const moved = repairs.map(({ offers, isMend }) => ({ part: parts + 1, offers, isMend }));
  return { ...crawl, rereads: [...others, ...moved] };
}

/** Updates `minRows`. Leaves out the list's last page, because it may be shorter than all other pages. */
function noteRows({ minRows, ...crawl }: CrawlState, pages: OfferPage[]): CrawlState {
  const rows = pages.filter(({ isLast }) => !isLast).map(({ ids }) => ids.length);
  return { ...crawl, minRows: rows.length === 0 ? minRows : Math.min(minRows ?? Infinity, ...rows) };
}

/** Adds a part that holds only repairs of the previous window. */
export function addRepairs(crawl: CrawlState, repairs: Repairs): CrawlState {
  return addPart(noteRepairs(crawl, repairs), repairs.pages);
}

/** True when the repairs show as many offers that `kept` lacks as they were read to find. */
export function hasUnseen({ pages, unseen }: Repairs, kept: OfferPage[]): boolean {
  const known = new Set(kept.flatMap(({ ids }) => ids));
  const shown = pages.flatMap(({ ids }) => ids);
  return countUnseen(shown, known) === unseen;
}

function noteRepairs(crawl: CrawlState, { pages, unseen }: Repairs): CrawlState {
  if (pages.length === 0) return crawl;
  return addReread(crawl, { offers: countOffers(pages), isMend: true, unseen });
}

function addPart(crawl: CrawlState, pages: OfferPage[]): CrawlState {
  return { ...crawl, parts: crawl.parts + 1, offers: crawl.offers + countOffers(pages) };
}

/**
 * Returns the crawl's state after the proof of the open window has failed. The crawl then reads the window's pages
 * again.
 */
export function voidWindow(before: CrawlState, open: OpenWindow): CrawlState {
  const crawl = open.mends ? addRereads(before, open.offers, true) : moveRereads(before);
  return {
    ...crawl,
    nextPage: open.fromPage,
    open: null,
    tries: crawl.tries + 1,
    seamIds: open.seamIds,
    isFarKept: open.wasFarKept ?? false,
    voidParts: open.mends ? crawl.voidParts : [...crawl.voidParts, crawl.parts],
    offers: open.mends ? crawl.offers : crawl.offers - open.offers,
  };
}

/**
 * Returns the crawl's state after the open window has been proved. Throws when a page before the probe page was empty,
 * as if the list had ended there.
 */
export function confirmWindow(crawl: CrawlState, open: OpenWindow, boundary: OfferPage): CrawlState {
  if (open.hollowPage !== null) throw contradictoryPage(open.hollowPage);
  // In a list that grows at page 1, new offers move to higher pages, so they may stand anywhere.
  const isInserted = open.hasIntruder === true && !crawl.hasNewTop;
  const checked = isInserted ? addAnomaly(crawl, "inserted") : crawl;
  const closed = closeWindow(open.doubles > 0 ? addAnomaly(checked, "doubled") : checked, boundary);
  const named = open.offers > 0 && open.farIds.length === 0 ? addAnomaly(closed, "nameless") : closed;
  const rank = (boundary.number - 1) * (crawl.topIds?.length ?? 0);
  const atEnd = Math.max(0, boundary.ids.indexOf(open.farIds[0] ?? "")) + open.farIds.length;
  return {
    ...named,
    seamPlace: boundary.ids.length > 0 ? { rank, entered: 0 } : null,
    minOffers: open.isLast ? rank + atEnd : crawl.minOffers,
  };
}

/**
 * Returns the crawl's state without an open window. Adds the first offer of the boundary to `seamIds`, because every
 * offer before it has been read.
 */
export function closeWindow(crawl: CrawlState, boundary: OfferPage): CrawlState {
  const [firstId] = boundary.ids;
  const seamIds = firstId === undefined ? crawl.seamIds : [...crawl.seamIds, firstId];
  return { ...crawl, open: null, tries: 0, seamIds, seamPlace: null };
}

/**
 * Subtracts the overlapping offers from the number of duplicates. A shift of the list explains why these offers stand
 * on two pages.
 */
export function discountShiftedDuplicates(open: OpenWindow): OpenWindow {
  return { ...open, doubles: Math.max(0, open.doubles - sumOverlaps(open.joints ?? [])) };
}

export function countDuplicates(pages: OfferPage[]): number {
  const ids = pages.flatMap((page) => page.ids);
  return ids.length - new Set(ids).size;
}

export function countOffers(pages: OfferPage[]): number {
  return pages.reduce((sum, page) => sum + page.ids.length, 0);
}

const tooManyPages = `The portal announces more than ${maxPages} pages; that is more than an export can hold.`;
