import { contradiction } from "./contradiction.ts";
import type { Crawl } from "./crawl.ts";
import { countBudget } from "./limit.ts";
import { isBeyond, type Page } from "./page.ts";
import { proofRequests } from "./proof.ts";
import type { Reader } from "./reader.ts";

/** Looks for an end that moves meanwhile. */
const mostLooks = 3;
/** Bounds a window's memory where the limit is high: 6,000 offers of some kilobytes. */
const mostWindowPages = 400;

/** The farthest page that this window can reach, or the last one. */
export async function findFar(crawl: Crawl, reader: Reader): Promise<Page> {
  const far = await reader.readPage(reachPage(crawl, reader));
  if (!isBeyond(far)) return far;
  const end = await findEnd({ fromPage: crawl.nextPage - 1, toPage: far.number }, reader);
  return end.number > reachPage(crawl, reader) + 1 ? await findFar(crawl, reader) : end;
}

function reachPage(crawl: Crawl, reader: Reader): number {
  const proof = crawl.open === null ? 0 : proofRequests;
  return crawl.nextPage - 1 + Math.max(1, Math.min(mostWindowPages, reader.left() - proof));
}

/** Halves the way between a page that announced a next one and one beyond the end. */
async function findEnd(bounds: { fromPage: number; toPage: number }, reader: Reader): Promise<Page> {
  let { fromPage, toPage } = bounds;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    while (toPage - fromPage > 1) {
      const middle = Math.floor((fromPage + toPage) / 2);
      const page = await reader.readPage(middle);
      if (page.isLast && !isBeyond(page)) return page;
      if (isBeyond(page)) toPage = middle;
      else fromPage = middle;
    }
    // A page announced a next one, and that is not there: an answer was wrong, or the list has shrunk meanwhile.
    const [next] = await reader.readPages([toPage]);
    if (next !== undefined && !isBeyond(next)) return next;
    const last = await reader.readPage(Math.max(1, fromPage));
    if (last.isLast && (fromPage <= 1 || !isBeyond(last))) return last;
    fromPage = Math.max(0, fromPage - 2);
  }
  throw contradiction(toPage);
}

/** Requests that the next window wants to send without a pause. */
export function requestsDue(crawl: Crawl): number {
  if (crawl.open?.isLast) return proofRequests;
  return Math.min(countBudget(crawl.limit) ?? 1, mostWindowPages + proofRequests);
}
