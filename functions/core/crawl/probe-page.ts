import type { RateLimit } from "../rate-limit/rate-limit.ts";
import { countBudget } from "../rate-limit/request-permits.ts";
import { addAnomaly, addNote, countPagesLeft, type CrawlState } from "./crawl-state.ts";
import { type End, findLastPage, isPast } from "./last-page-search.ts";
import { areNewOffers, type OfferPage, type PageReader } from "./offer-page.ts";

/**
 * A window starts with its probe page: the farthest page that its requests allow, or the list's last page. Then it
 * takes a reference frame: it looks at its first page and at page 1. When page 1 shows that no offer has entered
 * since the look before, the frame holds.
 *
 * Example: pages 1 to 59 are done, 60 requests are left, and the window has no reference frame yet. Two requests are
 * kept for the proof, so the probe page is 59 + 58 = 117. The frame then looks at page 59, which must show an offer
 * that the crawl already holds, and at page 1. When page 59 shows no such offer, the frame goes back to page 58.
 */

/** The requests of a window's proof: the boundary and page 1. */
const proofRequests = 2;
/** The last window also asks again for the page behind the end. */
export const endRequests = proofRequests + 1;
/** Bounds the memory of a window when the rate limit is high: 6,000 offers of some kilobytes. */
const maxWindowPages = 400;

/** When `probe.isLast` is true, `probe` is proved to be the last page. */
export type FoundProbePage = { crawl: CrawlState; probe: OfferPage };

/** Returns the farthest page that this window can reach, or the last page of the list. */
export async function findProbePage(before: CrawlState, reader: PageReader): Promise<FoundProbePage> {
  let crawl = before;
  let topIds = before.topIds ?? [];
  const reach = () => reachPage(before, reader);
  const hint = before.expectedPages ?? 0;
  const isHinted = hint >= before.nextPage && hint < reach();
  let fromPage = before.nextPage - 1;
  let page = await reader.readPage(isHinted ? hint : reach());
  for (let step = 1; ;) {
    if (!page.isLast && !isPast(page, topIds)) {
      if (page.number >= reach()) return { crawl, probe: page };
      fromPage = page.number;
      page = await reader.readPage(Math.min(reach(), page.number + step));
      step *= 2;
      continue;
    }
    const end = await findLastPage({ fromPage, first: page, topIds, isNear: isHinted }, reader);
    crawl = noteEnd(crawl, end, page);
    if (end.kind === "end") return await takeEnd(crawl, end.page, reader);
    fromPage = end.page.number - 1;
    page = end.page;
    topIds = end.topIds ?? topIds;
  }
}

/** New offers behind the supposed end are not a contradiction. */
function noteEnd(crawl: CrawlState, end: End, before: OfferPage): CrawlState {
  if (end.kind === "more")
    return areNewOffers(end.page, crawl, before.ids) ? crawl : addNote(crawl, "contradicted");
  if (end.oddity === "repeated") return addAnomaly(crawl, "doubled");
  return end.oddity === null ? crawl : addNote(crawl, "contradicted");
}

/** The search for the end may have cost so many requests that the window can no longer reach it. */
async function takeEnd(crawl: CrawlState, probe: OfferPage, reader: PageReader): Promise<FoundProbePage> {
  const isInReach = probe.number <= reachPage(crawl, reader) + 1;
  return isInReach
    ? { crawl, probe }
    : await findProbePage({ ...crawl, expectedPages: probe.number }, reader);
}

function reachPage(crawl: CrawlState, reader: PageReader): number {
  return crawl.nextPage - 1 + Math.max(1, Math.min(maxWindowPages, reader.left() - countReserve(crawl)));
}

/** Returns the number of requests that the window needs for other pages than its own. */
function countReserve({ nextPage, open, tries }: CrawlState): number {
  if (nextPage === 1) return 0;
  // Most windows are read again because an offer was deleted. Then the window starts one page earlier, which takes
  // one more request.
  return open === null && tries > 0 ? proofRequests + 1 : proofRequests;
}

/** Returns the number of requests that the next window sends without a pause. The last window needs only a proof. */
export function countRequestsDue(crawl: CrawlState): number {
  if (crawl.open?.isLast && !crawl.open.joints?.length) return endRequests;
  return Math.min(countBudget(crawl.limit) ?? 1, maxWindowPages + proofRequests);
}

/** The requests of a reference frame: the probe page, the window's first page and page 1. */
export const referenceFrameRequests = 3;
const maxFrames = 3;
/** The frame goes back this many pages at most. Nobody deletes more offers by hand at once. */
const maxBackPages = 8;

/** `start` are the window's first pages. `isStill` is true when no offer has entered since the last look at page 1. */
export type ReferenceFrame = { crawl: CrawlState; start: OfferPage[]; probe: OfferPage; isStill: boolean };

/**
 * Looks at the probe page, then at the window's first page, then at page 1. When page 1 has not changed, no offer
 * has entered between these looks. Otherwise the frame is taken again, up to three times. After that the window is
 * read without a frame, and cannot be proved.
 */
export async function takeReferenceFrame(
  before: CrawlState,
  reader: PageReader,
  frames = maxFrames,
): Promise<ReferenceFrame> {
  const { crawl: known, probe } = await findProbePage(before, reader);
  const start = await findStart(known, probe, reader);
  const [first = probe] = start;
  const top = first.number === 1 ? first : await reader.readPage(1);
  const isStill = top.ids[0] === known.topIds?.[0];
  const crawl = { ...known, topIds: top.ids };
  if (isStill || frames === 1) return { crawl: checkStart(crawl, first), start, probe, isStill };
  return await takeReferenceFrame(crawl, reader, frames - 1);
}

/**
 * Returns the window's first pages, up to the page before `nextPage`. Goes back until a page shows an offer that
 * the crawl already holds, but not beyond page 1, and at most `maxBackPages` pages.
 */
async function findStart(crawl: CrawlState, probe: OfferPage, reader: PageReader): Promise<OfferPage[]> {
  const due = Math.max(1, Math.min(crawl.nextPage - 1, probe.number));
  let [first = probe] = due === probe.number ? [probe] : await reader.readPages([due]);
  const start = [first];
  while (!isKnown(crawl, first) && start.length <= maxBackPages) {
    first = await reader.readPage(first.number - 1);
    start.unshift(first);
  }
  return start;
}

function isKnown({ seamIds }: CrawlState, { number, ids }: OfferPage): boolean {
  return number === 1 || ids.some((id) => seamIds.includes(id));
}

function checkStart(crawl: CrawlState, first: OfferPage): CrawlState {
  return isKnown(crawl, first) ? crawl : addAnomaly(crawl, "slid");
}

/**
 * Returns when the crawl will be done, in ms since 1970, if the list does not change; null when the number of pages
 * is unknown. `fromMs` is when the next window opens.
 */
export function estimateFinishMs(crawl: CrawlState, fromMs: number): number | null {
  const pagesLeft = countPagesLeft(crawl);
  if (pagesLeft === null) return null;
  const perWindow = Math.max(1, (countBudget(crawl.limit) ?? 1) - proofRequests);
  return fromMs + Math.floor(pagesLeft / perWindow) * crawl.limit.windowMs;
}

/** Returns the number of requests that a crawl of this many pages takes, if the list does not change. */
export function estimateCrawl(pages: number, limit: RateLimit): number {
  const perWindow = Math.max(1, (countBudget(limit) ?? pages + proofRequests) - proofRequests);
  return pages + proofRequests * Math.ceil(pages / perWindow);
}
