import type { RateLimit } from "../rate-limit/rate-limit.ts";
import { countBudget } from "../rate-limit/request-permits.ts";
import { addAnomaly, addNote, countPagesLeft, type CrawlState } from "./crawl-state.ts";
import { type End, findLastPage, isPast } from "./last-page-search.ts";
import { areNewOffers, type OfferPage, type PageReader } from "./offer-page.ts";

/** What a window spends besides its pages: the seam and page 1. */
const proofRequests = 2;
/** The last window asks once more for the page behind the end. */
export const endRequests = proofRequests + 1;
/** Bounds a window's memory where the limit is high: 6,000 offers of some kilobytes. */
const maxWindowPages = 400;

/** `far` is the last page where its `isLast` is true, and that is proved then. */
export type Far = { crawl: CrawlState; probe: OfferPage };

/** The farthest page that this window can reach, or the last one. */
export async function findProbePage(begun: CrawlState, reader: PageReader): Promise<Far> {
  let crawl = begun;
  let topIds = begun.topIds ?? [];
  const reach = () => reachPage(begun, reader);
  const hint = begun.expectedPages ?? 0;
  const isHinted = hint >= begun.nextPage && hint < reach();
  let fromPage = begun.nextPage - 1;
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

/** Offers that have entered meanwhile contradict nothing. */
function noteEnd(crawl: CrawlState, end: End, before: OfferPage): CrawlState {
  if (end.kind === "more")
    return areNewOffers(end.page, crawl, before.ids) ? crawl : addNote(crawl, "contradicted");
  if (end.oddity === "repeated") return addAnomaly(crawl, "doubled");
  return end.oddity === null ? crawl : addNote(crawl, "contradicted");
}

/** The search may have cost so much that the window does not reach the end any more. */
async function takeEnd(crawl: CrawlState, probe: OfferPage, reader: PageReader): Promise<Far> {
  const isInReach = probe.number <= reachPage(crawl, reader) + 1;
  return isInReach
    ? { crawl, probe }
    : await findProbePage({ ...crawl, expectedPages: probe.number }, reader);
}

function reachPage(crawl: CrawlState, reader: PageReader): number {
  return crawl.nextPage - 1 + Math.max(1, Math.min(maxWindowPages, reader.left() - countReserve(crawl)));
}

/** Requests that the window will spend on no page of its own. */
function countReserve({ nextPage, open, tries }: CrawlState): number {
  if (nextPage === 1) return 0;
  // A deletion, which most re-readings come from, has moved the window's start onto the page before.
  return open === null && tries > 0 ? proofRequests + 1 : proofRequests;
}

/** Requests that the next window wants to send without a pause: after the last one, only to prove it or mend it too. */
export function countRequestsDue(crawl: CrawlState): number {
  if (crawl.open?.isLast && !crawl.open.joints?.length) return endRequests;
  return Math.min(countBudget(crawl.limit) ?? 1, maxWindowPages + proofRequests);
}

/** The first looks of a window that stands by itself: far page, start and page 1. */
export const referenceFrameRequests = 3;
const maxFrames = 3;
/** Pages to go back for an offer that is known: more than that are not deleted at once by hand. */
const maxBack = 8;

/** `start` are a window's first pages; `isStill` when nothing has entered since the last look at page 1. */
export type ReferenceFrame = { crawl: CrawlState; start: OfferPage[]; probe: OfferPage; isStill: boolean };

/**
 * Looks at the far page, then at where the window starts, then at page 1: what has not entered by the last
 * of these looks had not by the first. Taken again when something has; a window that finds no such moment is
 * read all the same, but nothing will prove it.
 */
export async function takeReferenceFrame(
  begun: CrawlState,
  reader: PageReader,
  { given, frames = maxFrames }: { given?: Far; frames?: number } = {},
): Promise<ReferenceFrame> {
  const { crawl: known, probe } = given ?? (await findProbePage(begun, reader));
  const start = await findStart(known, probe, reader);
  const [first = probe] = start;
  const top = first.number === 1 ? first : await reader.readPage(1);
  const isStill = top.ids[0] === known.topIds?.[0];
  const crawl = { ...known, topIds: top.ids };
  if (isStill || frames === 1) return { crawl: checkStart(crawl, first), start, probe, isStill };
  return await takeReferenceFrame(crawl, reader, { frames: frames - 1 });
}

/** The pages from one with a known offer, or from page 1, to the one that was due: all after the far page. */
async function findStart(crawl: CrawlState, probe: OfferPage, reader: PageReader): Promise<OfferPage[]> {
  const due = Math.max(1, Math.min(crawl.nextPage - 1, probe.number));
  let [first = probe] = due === probe.number ? [probe] : await reader.readPages([due]);
  const start = [first];
  while (!isKnown(crawl, first) && start.length <= maxBack) {
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
 * When a crawl will be done, by its own clock, if nothing moves and what is to come goes at the rate limit's
 * pace; null as long as nobody knows how much that is. `fromMs` is when the next window opens.
 */
export function estimateFinishMs(crawl: CrawlState, fromMs: number): number | null {
  const pagesLeft = countPagesLeft(crawl);
  if (pagesLeft === null) return null;
  const perWindow = Math.max(1, (countBudget(crawl.limit) ?? 1) - proofRequests);
  return fromMs + Math.floor(pagesLeft / perWindow) * crawl.limit.windowMs;
}

/** The requests that a crawl of so many pages takes, if nothing moves. */
export function estimateCrawl(pages: number, limit: RateLimit): number {
  const perWindow = Math.max(1, (countBudget(limit) ?? pages + proofRequests) - proofRequests);
  return pages + proofRequests * Math.ceil(pages / perWindow);
}
