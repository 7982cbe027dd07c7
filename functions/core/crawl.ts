import { ExportError } from "./error.ts";
import { type Limit, openLimit } from "./limit.ts";
import type { Page } from "./page.ts";
import { noRepeats, type Repeats } from "./repeat.ts";

/** How far the reading of the portal has come; small and serialisable, it goes from window to window. */
export type Crawl = {
  /** When the first request was sent; null before it. */
  startedMs: number | null;
  /** Every page below this number has been collected. */
  nextPage: number;
  done: boolean;
  parts: number;
  /** Offers as they came, those that came twice included. */
  offers: number;
  requests: number;
  limit: Limit;
  repeats: Repeats;
  /** Windows in a row that brought no page at all. */
  idleWindows: number;
};

/** What one window of requests brought: pages that follow each other, the first being the crawl's next. */
export type Window = { pages: Page[]; requests: number; limit: Limit; repeats: Repeats };

/** At 15 offers a page that is 675,000 offers, and 12.5 hours at 60 requests a minute. */
export const mostPages = 45_000;
const mostIdleWindows = 5;

export function beginCrawl(settings: { windowMs: number; reserve: number }): Crawl {
  const limit = openLimit(settings);
  const counts = { parts: 0, offers: 0, requests: 0, idleWindows: 0 };
  return { startedMs: null, nextPage: 1, done: false, ...counts, limit, repeats: noRepeats };
}

/** The crawl after a window; throws when it leads nowhere. */
export function advanceCrawl(crawl: Crawl, { pages, requests, limit, repeats }: Window): Crawl {
  const idleWindows = pages.length === 0 ? crawl.idleWindows + 1 : 0;
  const nextPage = crawl.nextPage + pages.length;
  if (idleWindows >= mostIdleWindows) throw new ExportError("portal", "portal_rate_starved", starved);
  const done = pages.some((page) => page.isLast);
  if (!done && nextPage > mostPages) throw new ExportError("size", "too_many_pages", tooManyPages);
  return {
    startedMs: crawl.startedMs,
    nextPage,
    done,
    parts: crawl.parts + (pages.length === 0 ? 0 : 1),
    offers: crawl.offers + pages.reduce((sum, page) => sum + page.offers.length, 0),
    requests: crawl.requests + requests,
    limit,
    repeats,
    idleWindows,
  };
}

const starved =
  `In ${mostIdleWindows} windows of the rate limit in a row the portal let not one request through: something else uses ` +
  "this key's requests. Try again when it is done, or give this export a key of its own.";

const tooManyPages = `The portal announces more than ${mostPages} pages; that is more than an export can hold.`;
