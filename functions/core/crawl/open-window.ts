import { ExportError } from "../basics/errors.ts";
import { addAnomaly, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { contradictoryPage } from "./last-page-search.ts";
import { isBeyondEnd, listOverlaps, type OfferPage, sumOverlaps } from "./offer-page.ts";

/**
 * An open window has been read and waits for its proof. This file records the window in the crawl's state: it opens
 * the window, and then confirms it, voids it or closes it without a proof.
 *
 * Example: the window of pages 60 to 117 is opened. Part 2 holds pages 59 to 116, and `nextPage` is 118. When the
 * window is proved, it is confirmed: the first offer of page 117 is added to `seamIds`, and the next window starts
 * there. When the proof fails, the window is voided: part 2 does not count, and `nextPage` is 60 again.
 */

/** At 15 offers a page that is 675,000 offers, and 12.5 hours at 60 requests a minute. */
const maxPages = 45_000;

/** `pages` are the window's pages in their order, the probe page last; `repairs` belong to the window before. */
export type WindowReading = { pages: OfferPage[]; repairs: OfferPage[]; isFramed: boolean };

/** Returns the pages of the window's part. The probe page is among them only when no other window starts with it. */
export function listKeptPages({ pages, repairs }: WindowReading): OfferPage[] {
  const isEnd = pages.length === 1 || pages.at(-1)?.isLast === true;
  return [...repairs, ...(isEnd ? pages : pages.slice(0, -1))];
}

/** Returns the crawl after a window's pages have been read. The pages of `listKeptPages` become its next part. */
export function openWindow(before: CrawlState, reading: WindowReading): CrawlState {
  const { pages, repairs } = reading;
  const reread = addRereads(before, countOffers(listReread(before, pages)), false);
  const crawl = noteRows(addRereads(reread, countOffers(repairs), true), pages);
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

/** Returns the pages before the probe page. For a window of one page it returns that page. */
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
    mends: repairs.length > 0,
    wasFarKept: crawl.isFarKept,
    isUnclaimed: probe.isUnclaimed ?? false,
  };
}

/** Returns the pages that an earlier part already holds. */
function listReread({ nextPage, isFarKept }: CrawlState, pages: OfferPage[]): OfferPage[] {
  const firstPage = isFarKept ? nextPage : nextPage - 1;
  return pages.filter(({ number }) => number < firstPage);
}

/** Notes that the next part starts with this number of offers that an earlier part may hold too. */
function addRereads(crawl: CrawlState, offers: number, isMend: boolean): CrawlState {
  if (offers === 0) return crawl;
  return { ...crawl, rereads: [...crawl.rereads, { part: crawl.parts + 1, offers, isMend }] };
}

/** Moves the repairs of the void part to the next part. Other rereads are counted again with that part. */
function moveRereads(crawl: CrawlState): CrawlState {
  const { parts, rereads } = crawl;
  const others = rereads.filter(({ part }) => part !== parts);
  const repairs = rereads.filter(({ part, isMend }) => part === parts && isMend);
  const moved = repairs.map(({ offers, isMend }) => ({ part: parts + 1, offers, isMend }));
  return { ...crawl, rereads: [...others, ...moved] };
}

/** Updates `minRows`. The last page does not count, because it may be shorter than the others. */
function noteRows({ minRows, ...crawl }: CrawlState, pages: OfferPage[]): CrawlState {
  const rows = pages.filter(({ isLast }) => !isLast).map(({ ids }) => ids.length);
  return { ...crawl, minRows: rows.length === 0 ? minRows : Math.min(minRows ?? Infinity, ...rows) };
}

/** Returns the crawl with one more part, which holds repairs only. */
export function addRepairs(crawl: CrawlState, repairs: OfferPage[]): CrawlState {
  return addPart(addRereads(crawl, countOffers(repairs), true), repairs);
}

function addPart(crawl: CrawlState, pages: OfferPage[]): CrawlState {
  return { ...crawl, parts: crawl.parts + 1, offers: crawl.offers + countOffers(pages) };
}

/** Returns the crawl that reads its open window again. */
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

/** Returns the crawl with its open window proved. Throws when a page inside the window said that the list ends there. */
export function confirmWindow(crawl: CrawlState, open: OpenWindow, boundary: OfferPage): CrawlState {
  if (open.hollowPage !== null) throw contradictoryPage(open.hollowPage);
  const closed = closeWindow(open.doubles > 0 ? addAnomaly(crawl, "doubled") : crawl, boundary);
  return open.offers > 0 && open.farIds.length === 0 ? addAnomaly(closed, "nameless") : closed;
}

/** Returns the crawl without its open window. Every offer before the boundary's first one has been read. */
export function closeWindow(crawl: CrawlState, boundary: OfferPage): CrawlState {
  const [firstId] = boundary.ids;
  const seamIds = firstId === undefined ? crawl.seamIds : [...crawl.seamIds, firstId];
  return { ...crawl, open: null, tries: 0, seamIds };
}

/** Subtracts the duplicates that the overlaps explain. */
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
