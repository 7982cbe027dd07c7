import type { Crawl } from "./crawl.ts";
import { ExportError } from "../error.ts";

/** A window that brought nothing: it is due again, but not for ever. */

const mostBrokenWindows = 5;

/** The crawl after a window that the rate limit broke off. Throws when that has happened too often in a row. */
export function breakWindow(crawl: Crawl): Crawl {
  const brokenWindows = crawl.brokenWindows + 1;
  if (brokenWindows >= mostBrokenWindows) throw new ExportError("portal", "portal_rate_starved", starved);
  return { ...crawl, brokenWindows };
}

/** 30 s, 1, 2 and 4 minutes: a portal that is being updated is back by then. */
const firstPauseMs = 30_000;

/**
 * The crawl after a window in which the portal was away, and how long to let it be. Null when that is not worth
 * it: nothing has been read yet, or it has been away for too long.
 */
export function pauseCrawl(crawl: Crawl): { crawl: Crawl; pauseMs: number } | null {
  const { brokenWindows, parts } = crawl;
  if (parts === 0 || brokenWindows + 1 >= mostBrokenWindows) return null;
  return {
    crawl: { ...crawl, brokenWindows: brokenWindows + 1 },
    pauseMs: firstPauseMs * 2 ** brokenWindows,
  };
}

const starved =
  `In ${mostBrokenWindows} windows of the rate limit in a row the portal let too few requests through: something else ` +
  "uses this key's. Try again when it is done, or give this export a key of its own.";
