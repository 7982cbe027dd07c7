import { ExportError } from "./error.ts";
import { type Limit, openLimit } from "./limit.ts";
import type { Page } from "./page.ts";

/** Why nobody can say that a crawl has seen every offer. */
export const doubts = ["restless", "inserted", "doubled", "slid", "nameless", "overlooked"] as const;
export type Doubt = (typeof doubts)[number];

/** A window whose pages have been read; its far page, standing unmoved after the others, will prove it. */
export type OpenWindow = {
  fromPage: number;
  farPage: number;
  /** The far page's first offer. */
  firstId: string | null;
  isLast: boolean;
  /** An offer stood on two of its pages. */
  isDoubled: boolean;
  /** A page before the far one that answered as if the list had ended. */
  hollowPage: number | null;
  /** The seam that this window began at: `Crawl.seamIds` of the time. */
  seamIds: string[];
  offers: number;
};

/** How far the reading of the portal has come; small and serialisable, it goes from window to window. */
export type Crawl = {
  /** Every page below this number has been read. */
  nextPage: number;
  /** A hint: how many pages the last snapshot had. */
  expectedPages: number | null;
  done: boolean;
  open: OpenWindow | null;
  /** Times that the window now due has been read in vain. */
  tries: number;
  /** The first offer of page 1 when it was last looked at. Undefined before the first look. */
  topId?: string | null;
  /** The offers of the last two pages read: the next window's first page must begin with one of them. */
  seamIds: string[];
  /** Parts written so far, and those of them that a re-reading has made void. */
  parts: number;
  voidParts: number[];
  /** Offers as they came, those that came twice included. */
  offers: number;
  requests: number;
  doubts: Doubt[];
  limit: Limit;
  /** Windows in a row that brought nothing. */
  brokenWindows: number;
};

/** `expectedPages` is how many the last snapshot had. */
type CrawlSettings = { windowMs: number; reserve: number; expectedPages?: number | null };

/** At 15 offers a page that is 675,000 offers, and 12.5 hours at 60 requests a minute. */
const mostPages = 45_000;

export function beginCrawl({ expectedPages = null, ...settings }: CrawlSettings): Crawl {
  return {
    nextPage: 1,
    expectedPages,
    done: false,
    open: null,
    tries: 0,
    seamIds: [],
    parts: 0,
    voidParts: [],
    offers: 0,
    requests: 0,
    doubts: [],
    limit: openLimit(settings),
    brokenWindows: 0,
  };
}

/** The crawl after a window's pages have been read; they become its next part. */
export function addWindow(crawl: Crawl, open: OpenWindow, seamIds: string[]): Crawl {
  const nextPage = open.farPage + 1;
  if (!open.isLast && nextPage > mostPages) throw new ExportError("size", "too_many_pages", tooManyPages);
  return { ...crawl, nextPage, open, seamIds, parts: crawl.parts + 1, offers: crawl.offers + open.offers };
}

/** The crawl with its open window to be read again. */
export function voidWindow(crawl: Crawl, open: OpenWindow): Crawl {
  return {
    ...crawl,
    nextPage: open.fromPage,
    open: null,
    tries: crawl.tries + 1,
    seamIds: open.seamIds,
    voidParts: [...crawl.voidParts, crawl.parts],
    offers: crawl.offers - open.offers,
  };
}

export function addDoubt(crawl: Crawl, doubt: Doubt): Crawl {
  return crawl.doubts.includes(doubt) ? crawl : { ...crawl, doubts: [...crawl.doubts, doubt] };
}

export function findFirstId(page: Page): string | null {
  return page.ids[0] ?? null;
}

const tooManyPages = `The portal announces more than ${mostPages} pages; that is more than an export can hold.`;
