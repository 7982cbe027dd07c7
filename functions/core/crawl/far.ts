import type { Crawl } from "./crawl.ts";
import { findEnd } from "./end.ts";
import { countBudget } from "../pace/limit.ts";
import { isBeyond, type Page } from "./page.ts";
import type { Reader } from "./reader.ts";

/** What a window spends besides its pages: the seam and page 1. */
export const proofRequests = 2;
/** Bounds a window's memory where the limit is high: 6,000 offers of some kilobytes. */
const mostWindowPages = 400;

/** The farthest page that this window can reach, or the last one. */
export async function findFar(crawl: Crawl, reader: Reader): Promise<Page> {
  const reach = () => reachPage(crawl, reader);
  const hint = crawl.expectedPages ?? 0;
  const isHinted = hint >= crawl.nextPage && hint < reach();
  let far = await reader.readPage(isHinted ? hint : reach());
  let fromPage = crawl.nextPage - 1;
  for (let step = 1; !far.isLast && far.number < reach(); step *= 2) {
    fromPage = far.number;
    far = await reader.readPage(Math.min(reach(), far.number + step));
  }
  if (!isBeyond(far)) return far;
  const end = await findEnd({ fromPage, toPage: far.number, isNear: isHinted }, reader);
  return end.number > reach() + 1 ? await findFar({ ...crawl, expectedPages: null }, reader) : end;
}

function reachPage(crawl: Crawl, reader: Reader): number {
  return crawl.nextPage - 1 + Math.max(1, Math.min(mostWindowPages, reader.left() - countReserve(crawl)));
}

/** Requests that the window will spend on no page of its own. */
function countReserve({ nextPage, open, tries }: Crawl): number {
  if (nextPage === 1) return 0;
  // A deletion, which most re-readings come from, has moved the window's start onto the page before.
  return open === null && tries > 0 ? proofRequests + 1 : proofRequests;
}

/** Requests that the next window wants to send without a pause: after the last one, only to prove it or mend it too. */
export function requestsDue(crawl: Crawl): number {
  if (crawl.open?.isLast && !crawl.open.joints?.length) return proofRequests;
  return Math.min(countBudget(crawl.limit) ?? 1, mostWindowPages + proofRequests);
}
