import type { Crawl } from "./crawl.ts";
import { countBudget } from "./limit.ts";
import { proofRequests } from "./proof.ts";

/**
 * When a crawl will be done, by its own clock, if nothing moves and what is to come goes at the rate limit's
 * pace; null as long as nobody knows how much that is. `fromMs` is when the next window opens.
 */
export function estimateFinishMs(crawl: Crawl, fromMs: number): number | null {
  const pagesLeft = countPagesLeft(crawl);
  if (pagesLeft === null) return null;
  const perWindow = Math.max(1, (countBudget(crawl.limit) ?? 1) - proofRequests);
  return fromMs + Math.floor(pagesLeft / perWindow) * crawl.limit.windowMs;
}

/** Pages still to come: none once the last one has been read, else what the last snapshot makes one expect. */
function countPagesLeft({ done, open, expectedPages, nextPage }: Crawl): number | null {
  if (done || open?.isLast) return 0;
  return expectedPages === null ? null : Math.max(1, expectedPages - nextPage + 1);
}
