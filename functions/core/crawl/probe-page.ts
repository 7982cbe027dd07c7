import { addAnomaly, addNote, type CrawlState } from "./crawl-state.ts";
import { type End, findLastPage, isPast } from "./last-page-search.ts";
import { countBudget } from "../rate-limit/rate-limit.ts";
import { areNewOffers } from "./consistency-check--newness.ts";
import type { OfferPage } from "./offer-page.ts";
import type { PageReader } from "./offer-page--reader.ts";

/** What a window spends besides its pages: the seam and page 1. */
export const proofRequests = 2;
/** The last window asks once more for the page behind the end. */
export const endRequests = proofRequests + 1;
/** Bounds a window's memory where the limit is high: 6,000 offers of some kilobytes. */
const mostWindowPages = 400;

/** `far` is the last page where its `isLast` is true, and that is proved then. */
export type Far = { crawl: CrawlState; far: OfferPage };

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
      if (page.number >= reach()) return { crawl, far: page };
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
async function takeEnd(crawl: CrawlState, far: OfferPage, reader: PageReader): Promise<Far> {
  const isInReach = far.number <= reachPage(crawl, reader) + 1;
  return isInReach ? { crawl, far } : await findProbePage({ ...crawl, expectedPages: far.number }, reader);
}

function reachPage(crawl: CrawlState, reader: PageReader): number {
  return crawl.nextPage - 1 + Math.max(1, Math.min(mostWindowPages, reader.left() - countReserve(crawl)));
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
  return Math.min(countBudget(crawl.limit) ?? 1, mostWindowPages + proofRequests);
}
