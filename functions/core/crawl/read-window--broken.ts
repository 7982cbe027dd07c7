import type { CrawlState } from "./crawl-state.ts";
import { ExportError } from "../basics/errors.ts";

/** A window that brought nothing: it is due again, but not for ever. */

const mostBrokenWindows = 5;

/** The crawl after a window that the rate limit broke off. Throws when that has happened too often in a row. */
export function interruptWindow(crawl: CrawlState): CrawlState {
  const brokenWindows = crawl.brokenWindows + 1;
  if (brokenWindows >= mostBrokenWindows) throw describeStarving(crawl);
  return { ...crawl, brokenWindows };
}

/** Others are named only by a portal's own count: nothing else shows that there are any. */
function describeStarving({ limit }: CrawlState): ExportError {
  if (limit.hasTold && !limit.isOutage) return new ExportError("portal", "portal_rate_starved", starved);
  return new ExportError("portal", "portal_unavailable", limit.isOutage ? resting : refusing);
}

/** 30 s, 1, 2 and 4 minutes: a portal that is being updated is back by then. */
const firstPauseMs = 30_000;

/**
 * The crawl after a window in which the portal was away, and how long to let it be. Null when that is not worth
 * it: it has never worked in this export, or it has been away for too long.
 */
export function pauseCrawl(crawl: CrawlState): { crawl: CrawlState; pauseMs: number } | null {
  const { brokenWindows, parts, hasWorked } = crawl;
  if ((parts === 0 && !hasWorked) || brokenWindows + 1 >= mostBrokenWindows) return null;
  return {
    crawl: { ...crawl, brokenWindows: brokenWindows + 1 },
    pauseMs: firstPauseMs * 2 ** brokenWindows,
  };
}

const inRow = `In ${mostBrokenWindows} windows of the rate limit in a row the portal`;
const starved =
  `${inRow} let too few requests through: something else uses this key's. Try again when it is done, or give this ` +
  "export a key of its own.";
const refusing =
  `${inRow} refused requests (429), and it has never said how many are left. Try again later; if it stays so, ask ` +
  "the portal's supplier for the key's rate limit.";
const resting = `${inRow} failed and asked for a pause, each time anew. Try again later.`;
