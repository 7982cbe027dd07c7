import { type Limit, openLimit } from "../pace/limit.ts";
import type { Joint } from "./joint.ts";
import type { Page } from "./page.ts";

/** Why nobody can say that a crawl has seen every offer. */
export const doubts = [
  "restless",
  "inserted",
  "reordered",
  "twosided",
  "doubled",
  "slid",
  "nameless",
  "overlooked",
] as const;
export type Doubt = (typeof doubts)[number];

/** A window whose pages have been read; what its far page and page 1 show after the others will prove it. */
export type OpenWindow = {
  fromPage: number;
  farPage: number;
  /** The far page as it was before the others. */
  farIds: string[];
  isLast: boolean;
  /** Nothing entered between the last look at page 1 before the far page and the first one after it. */
  isFramed: boolean;
  /** Times that an offer stood on one more of its pages. */
  doubles: number;
  /** Where its pages overlap; null when overlaps tell nothing about it. */
  joints: Joint[] | null;
  /** A page before the far one that answered as if the list had ended. */
  hollowPage: number | null;
  /** The seam that this window began at: `Crawl.seamIds` of the time. */
  seamIds: string[];
  /** What its part holds; the part begins with pages that mend the window before, and stays when this one is void. */
  offers: number;
  mends: boolean;
};

/** How far the reading of the portal has come; small and serialisable, it goes from window to window. */
export type Crawl = {
  /** Every page below this number has been read. */
  nextPage: number;
  /** The last page's number as the last snapshot or an earlier look had it: a hint, and no more. */
  expectedPages: number | null;
  done: boolean;
  open: OpenWindow | null;
  /** Times that the window now due has been read in vain. */
  tries: number;
  /** Page 1 when it was last looked at; null before the first look. */
  topIds: string[] | null;
  /** Offers before which the snapshot holds everything: the next window must begin at or before one of them. */
  seamIds: string[];
  /** The end of the list that new offers were seen to enter at: page 1 or the last page. */
  grows: Growth | null;
  /** Parts written so far, and those of them that a re-reading has made void. */
  parts: number;
  voidParts: number[];
  /** Offers as they came, those that came twice included. */
  offers: number;
  requests: number;
  /** Those that the portal refused with 429. */
  refusals: number;
  /** Times that the list was seen to have moved between two looks at it. */
  shifts: number;
  doubts: Doubt[];
  limit: Limit;
  /** Windows in a row that brought nothing. */
  brokenWindows: number;
  /** Whether the portal has given this export what it asked for; a crawl that an earlier version began lacks it. */
  hasWorked?: boolean;
};

export type Growth = "near" | "far";

/** `expectedPages` is how many the last snapshot had, `limit` what the last requests told of it, `requests` and `refusals` are those of a refresh before it. */
type CrawlSettings = {
  windowMs: number;
  reserve: number;
  expectedPages?: number | null;
  limit?: Limit | null;
  requests?: number;
  refusals?: number;
  hasWorked?: boolean;
};

export function beginCrawl({
  expectedPages = null,
  limit = null,
  requests = 0,
  refusals = 0,
  hasWorked = false,
  ...pace
}: CrawlSettings): Crawl {
  return {
    nextPage: 1,
    expectedPages,
    done: false,
    open: null,
    tries: 0,
    topIds: null,
    seamIds: [],
    grows: null,
    parts: 0,
    voidParts: [],
    offers: 0,
    requests,
    refusals,
    shifts: 0,
    doubts: [],
    limit: limit ?? openLimit(pace),
    brokenWindows: 0,
    hasWorked,
  };
}

/** Pages still to be read, as far as anything tells; null when nothing does. */
export function countPagesLeft({ done, open, nextPage, expectedPages }: Crawl): number | null {
  if (done || open?.isLast) return 0;
  return expectedPages === null || expectedPages < nextPage ? null : expectedPages - nextPage + 1;
}

export function addDoubt(crawl: Crawl, doubt: Doubt): Crawl {
  return crawl.doubts.includes(doubt) ? crawl : { ...crawl, doubts: [...crawl.doubts, doubt] };
}

export function findFirstId(page: Page): string | null {
  return page.ids[0] ?? null;
}
