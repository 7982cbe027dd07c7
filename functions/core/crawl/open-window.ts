import { ExportError } from "../basics/errors.ts";
import { addAnomaly, type CrawlState, findFirstId, type OpenWindow } from "./crawl-state.ts";
import { contradictoryPage } from "./last-page-search.ts";
import { isBeyondEnd, listOverlaps, type OfferPage, sumOverlaps } from "./offer-page.ts";

/** At 15 offers a page that is 675,000 offers, and 12.5 hours at 60 requests a minute. */
const maxPages = 45_000;

/** A window's pages in their order, the far one last, and pages that mend the window before. */
export type WindowReading = { pages: OfferPage[]; lead: OfferPage[]; isFramed: boolean };

/** What the window's part holds: the far page only when no other window begins with it. */
export function listKeptPages({ pages, lead }: WindowReading): OfferPage[] {
  const isEnd = pages.length === 1 || pages.at(-1)?.isLast === true;
  return [...lead, ...(isEnd ? pages : pages.slice(0, -1))];
}

/** The crawl after a window's pages have been read; what is kept of them becomes its next part. */
export function openWindow(begun: CrawlState, reading: WindowReading): CrawlState {
  const { pages, lead, isFramed } = reading;
  const back = addRereads(begun, countOffers(listReread(begun, pages)), false);
  const crawl = noteRows(addRereads(back, countOffers(lead), true), pages);
  const probe = pages.at(-1);
  if (probe === undefined) return crawl;
  if (!probe.isLast && probe.number >= maxPages)
    throw new ExportError("size", "too_many_pages", tooManyPages);
  const kept = listKeptPages(reading);
  const before = pages.length > 1 ? pages.slice(0, -1) : pages;
  const open: OpenWindow = {
    fromPage: crawl.nextPage,
    farPage: probe.number,
    farIds: probe.ids,
    isLast: probe.isLast,
    isFramed,
    doubles: countDuplicates(pages),
    joints: before !== pages ? listOverlaps(before, crawl.topIds?.length ?? 0) : null,
    hollowPage: pages.find((page) => page !== probe && isBeyondEnd(page))?.number ?? null,
    seamIds: crawl.seamIds,
    offers: countOffers(kept),
    mends: lead.length > 0,
    wasFarKept: crawl.isFarKept,
    isUnclaimed: probe.isUnclaimed ?? false,
  };
  return {
    ...addPart(crawl, kept),
    nextPage: probe.number + 1,
    isFarKept: kept.includes(probe),
    expectedPages: probe.isLast ? probe.number : crawl.expectedPages,
    open,
    seamIds: before.slice(-2).flatMap((page) => page.ids),
  };
}

/** Pages that an earlier part holds already. */
function listReread({ nextPage, isFarKept }: CrawlState, pages: OfferPage[]): OfferPage[] {
  const firstPage = isFarKept ? nextPage : nextPage - 1;
  return pages.filter(({ number }) => number < firstPage);
}

/** The next part will begin with so many offers that an earlier part may hold too. */
function addRereads(crawl: CrawlState, offers: number, isMend: boolean): CrawlState {
  if (offers === 0) return crawl;
  return { ...crawl, rereads: [...crawl.rereads, { part: crawl.parts + 1, offers, isMend }] };
}

/** The next part takes over the mends of the void one; how far it goes back is counted anew. */
function moveRereads(crawl: CrawlState): CrawlState {
  const { parts, rereads } = crawl;
  const others = rereads.filter(({ part }) => part !== parts);
  const mends = rereads.filter(({ part, isMend }) => part === parts && isMend);
  const moved = mends.map(({ offers, isMend }) => ({ part: parts + 1, offers, isMend }));
  return { ...crawl, rereads: [...others, ...moved] };
}

/** The last page may be shorter than the others. */
function noteRows({ minRows, ...crawl }: CrawlState, pages: OfferPage[]): CrawlState {
  const rows = pages.filter(({ isLast }) => !isLast).map(({ ids }) => ids.length);
  return { ...crawl, minRows: rows.length === 0 ? minRows : Math.min(minRows ?? Infinity, ...rows) };
}

/** The crawl with a part of pages that mend the window before, and nothing else. */
export function addLead(crawl: CrawlState, lead: OfferPage[]): CrawlState {
  return addPart(addRereads(crawl, countOffers(lead), true), lead);
}

/** The crawl with one part more. */
function addPart(crawl: CrawlState, pages: OfferPage[]): CrawlState {
  return { ...crawl, parts: crawl.parts + 1, offers: crawl.offers + countOffers(pages) };
}

/** The crawl with its open window to be read again. */
export function voidWindow(begun: CrawlState, open: OpenWindow): CrawlState {
  const crawl = open.mends ? addRereads(begun, open.offers, true) : moveRereads(begun);
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

/** The crawl with its open window proved, `seam` being the far page as the next window finds it. */
export function confirmWindow(crawl: CrawlState, open: OpenWindow, boundary: OfferPage): CrawlState {
  if (open.hollowPage !== null) throw contradictoryPage(open.hollowPage);
  const passed = closeWindow(open.doubles > 0 ? addAnomaly(crawl, "doubled") : crawl, boundary);
  return open.offers > 0 && open.farIds.length === 0 ? addAnomaly(passed, "nameless") : passed;
}

/** The crawl without its open window: what comes before the seam's first offer has been read. */
export function closeWindow(crawl: CrawlState, boundary: OfferPage): CrawlState {
  const firstId = findFirstId(boundary);
  const seamIds = firstId === null ? crawl.seamIds : [...crawl.seamIds, firstId];
  return { ...crawl, open: null, tries: 0, seamIds };
}

/** The window without the offers that a shift has brought onto two of its pages. */
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
