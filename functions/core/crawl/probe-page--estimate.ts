import { countBudget, type RateLimit } from "../rate-limit/rate-limit.ts";
import { countPagesLeft, type CrawlState } from "./crawl-state.ts";
import { proofRequests } from "./probe-page.ts";

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
