import type { RateLimit } from "../rate-limit/rate-limit.ts";
import { countBudget } from "../rate-limit/request-permits.ts";
import { noteTop } from "./consistency-check.ts";
import { addAnomaly, addNote, countPagesLeft, type CrawlState } from "./crawl-state.ts";
import { type End, findLastPage, isPast, rereadRepeats } from "./last-page-search.ts";
import { areNewOffers, type OfferPage, type PageReader } from "./offer-page.ts";

/**
 * A window first reads its probe page. This is the farthest page that the window's requests can reach, or the list's
 * last page. Then the window takes a reference frame: it reads its first page and page 1. The frame holds when no offer
 * has appeared on page 1 since the previous request for page 1.
 *
 * Example: pages 1 to 59 have been read, 60 requests are left, and the window has no reference frame yet. Two requests
 * are kept for the proof, so the probe page is 59 + 58 = 117. The frame then reads page 59, which must show an offer
 * that the crawl already holds. When it shows none, the frame goes back to page 58. Last, the frame reads page 1.
 */

/** The number of requests that prove a window: one for the boundary and one for page 1. */
const proofRequests = 2;
/**
 * The number of requests that prove the last window. One of these requests is for the page after the end of the list.
 */
export const endRequests = proofRequests + 1;
/** A window reads at most this many pages, because it holds them in memory: 6,000 offers of some kilobytes each. */
const maxWindowPages = 400;

/**
 * `probe` is the window's probe page. When `probe.isLast` is true, this page is proved to be the last page of the
 * list.
 */
export type FoundProbePage = { crawl: CrawlState; probe: OfferPage };

/**
 * Returns the probe page of the next window: the farthest page that its requests can reach, or the last page of the
 * list.
 */
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

/**
 * Adds a note or an anomaly when the portal has contradicted itself about the end of the list. New offers after the
 * supposed end are no contradiction.
 */
function noteEnd(crawl: CrawlState, end: End, before: OfferPage): CrawlState {
  if (end.kind === "more")
    return areNewOffers(end.page, crawl, before.ids) ? crawl : addNote(crawl, "contradicted");
  if (end.oddity === "repeated") return addAnomaly(crawl, "doubled");
  return end.oddity === null ? crawl : addNote(crawl, "contradicted");
}

/**
 * Makes the list's last page the probe page. The search for the last page may have cost so many requests that the
 * window can no longer reach it. Then a nearer page becomes the probe page.
 */
async function takeEnd(crawl: CrawlState, probe: OfferPage, reader: PageReader): Promise<FoundProbePage> {
  const isInReach = probe.number <= reachPage(crawl, reader) + 1;
  return isInReach
    ? { crawl, probe }
    : await findProbePage({ ...crawl, expectedPages: probe.number }, reader);
}

function reachPage(crawl: CrawlState, reader: PageReader): number {
  return crawl.nextPage - 1 + Math.max(1, Math.min(maxWindowPages, reader.left() - countReserve(crawl)));
}

/** Returns the number of requests that a window keeps for pages that were read before. */
function countReserve({ nextPage, open, tries }: CrawlState): number {
  if (nextPage === 1) return 0;
  // Usually a window is read again because an offer was deleted. Then the window starts one page earlier, so it needs
  // one more request.
  return open === null && tries > 0 ? proofRequests + 1 : proofRequests;
}

/**
 * Returns the number of requests that the next window sends without a pause. When the list's last page has been read
 * and no pages overlap, the next window only has to send the requests of the proof.
 */
export function countRequestsDue(crawl: CrawlState): number {
  if (crawl.open?.isLast && !crawl.open.joints?.length) return endRequests;
  return Math.min(countBudget(crawl.limit) ?? 1, maxWindowPages + proofRequests);
}

/** The number of requests of a reference frame: one each for the probe page, the window's first page and page 1. */
export const referenceFrameRequests = 3;
const maxFrames = 3;
/**
 * To find a known offer, a reference frame goes back at most this many pages. That is enough, because nobody deletes
 * the offers of more pages by hand at once.
 */
const maxBackPages = 8;

/**
 * `start` are the window's first pages. `isStill` is true when no offer has appeared on page 1 since the previous
 * request for page 1.
 */
export type ReferenceFrame = { crawl: CrawlState; start: OfferPage[]; probe: OfferPage; isStill: boolean };

/**
 * Reads the probe page, then the window's first page, then page 1. When page 1 starts with the same offer as before, no
 * offer has appeared on it since the previous request for it. Otherwise, and when the first page is wrong, the three
 * pages are read again, at most `frames` times in all. When the last try fails too, the window is read without a
 * reference frame and cannot be proved.
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
  const crawl = noteTop(known, top);
  const isSameTop = top.ids[0] === known.topIds?.[0];
  const isMisplaced = isDisplaced(crawl, first);
  const isStill = isSameTop && !isMisplaced;
  const placed = isMisplaced ? crawl : notePlace(crawl, first, isSameTop);
  if (isStill || frames === 1) return { crawl: checkStart(placed, first), start, probe, isStill };
  return await takeReferenceFrame(placed, reader, frames - 1);
}

/**
 * Returns the first pages of the window. Reads page `nextPage - 1`, then goes back page by page until a page shows an
 * offer that the crawl already holds. Stops at page 1, or after `maxBackPages` pages.
 */
async function findStart(crawl: CrawlState, probe: OfferPage, reader: PageReader): Promise<OfferPage[]> {
  const due = Math.max(1, Math.min(crawl.nextPage - 1, probe.number));
  const read = async (number: number) =>
    await rereadRepeats(await reader.readPages([number]), crawl.topIds ?? [], reader);
  let [first = probe] = due === probe.number ? [probe] : await read(due);
  const start = [first];
  while (!isKnown(crawl, first) && start.length <= maxBackPages) {
    [first = probe] = await read(first.number - 1);
    start.unshift(first);
  }
  return start;
}

function isKnown({ seamIds }: CrawlState, { number, ids }: OfferPage): boolean {
  return number === 1 || ids.some((id) => seamIds.includes(id));
}

/**
 * True when the known offers on the window's first page have moved by more places than page 1 has new offers. Then the
 * page is wrong: it stands in the place of another page, or shows the list as it was before.
 */
function isDisplaced(crawl: CrawlState, first: OfferPage): boolean {
  const { seamPlace } = crawl;
  const rank = rankSeam(crawl, first);
  if (seamPlace === null || seamPlace.entered === null || rank === null) return false;
  return rank - seamPlace.rank > seamPlace.entered;
}

/** Returns how many offers stand before the last id of `seamIds`, as the page shows; null when it shows no known id. */
function rankSeam({ seamIds, topIds }: CrawlState, { number, ids }: OfferPage): number | null {
  const order = [...new Set(seamIds)];
  const at = ids.findLastIndex((id) => order.includes(id));
  if (at < 0) return null;
  const back = order.indexOf(seamIds.at(-1) ?? "") - order.indexOf(ids[at] ?? "");
  return (number - 1) * (topIds?.length ?? 0) + at + back;
}

/**
 * Notes where the window's first page shows the known offers. When the window is read again, its new first page must
 * agree with this place: deletions move offers towards page 1, and only new offers on page 1 move them away from it.
 */
function notePlace(crawl: CrawlState, first: OfferPage, isSameTop: boolean): CrawlState {
  const rank = rankSeam(crawl, first);
  return rank === null ? crawl : { ...crawl, seamPlace: { rank, entered: isSameTop ? 0 : null } };
}

function checkStart(crawl: CrawlState, first: OfferPage): CrawlState {
  return isKnown(crawl, first) ? crawl : addAnomaly(crawl, "slid");
}

/**
 * Returns the time at which the crawl will be done if the list does not change, in ms since 1970; null when the number
 * of pages is unknown. `fromMs` is the time at which the next window of the rate limit opens.
 */
export function estimateFinishMs(crawl: CrawlState, fromMs: number): number | null {
  const pagesLeft = countPagesLeft(crawl);
  if (pagesLeft === null) return null;
  const perWindow = Math.max(1, (countBudget(crawl.limit) ?? 1) - proofRequests);
  return fromMs + Math.floor(pagesLeft / perWindow) * crawl.limit.windowMs;
}

/** Returns the number of requests that a crawl of `pages` pages takes, if the list does not change. */
export function estimateCrawl(pages: number, limit: RateLimit): number {
  const perWindow = Math.max(1, (countBudget(limit) ?? pages + proofRequests) - proofRequests);
  return pages + proofRequests * Math.ceil(pages / perWindow);
}
