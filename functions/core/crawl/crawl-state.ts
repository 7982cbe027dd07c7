import { openRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import type { OfferPage, PageOverlap } from "./offer-page.ts";

/** Why nobody can say that a crawl has seen every offer. */
export const anomalies = [
  "restless",
  "inserted",
  "reordered",
  "twosided",
  "doubled",
  "slid",
  "nameless",
  "overlooked",
  "miscounted",
  "unsettled",
] as const;
export type Anomaly = (typeof anomalies)[number];

/** Oddities that the crawl has resolved: its reader is told of them, and offers are not missing. */
export const notes = ["contradicted"] as const;
export type Note = (typeof notes)[number];

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
  joints: PageOverlap[] | null;
  /** A page before the far one that answered as if the list had ended. */
  hollowPage: number | null;
  /** The seam that this window began at: `Crawl.seamIds` of the time. */
  seamIds: string[];
  /** What its part holds; the part begins with pages that mend the window before, and stays when this one is void. */
  offers: number;
  mends: boolean;
  /** Whether it is the last one although the portal announces another. */
  isUnclaimed?: boolean;
  /** `Crawl.isFarKept` of the time; a window of an earlier version does not say. */
  wasFarKept?: boolean;
};

/** How far the reading of the portal has come; small and serialisable, it goes from window to window. */
export type CrawlState = {
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
  grows: ListDirection | null;
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
  doubts: Anomaly[];
  limit: RateLimit;
  /** Windows in a row that brought nothing. */
  brokenWindows: number;
  notes: Note[];
  /** When the crawl began, in ms since 1970; null where a test does not say. */
  startedMs: number | null;
  /** The highest page that has shown offers, as it was last seen. */
  highest: { number: number; ids: string[] } | null;
  /** The most offers that a page has shown, and the fewest of one that was not the last. */
  maxRows: number;
  minRows: number | null;
  /** Offers that were seen to enter at page 1; `entries` is how many that were when those parts had been written. */
  entered: number;
  entries: { part: number; entered: number }[];
  /**
   * Parts that begin with offers of pages that were read before, and how many: the pages right before the part's
   * own, or (`isMend`) any of the window before.
   */
  rereads: { part: number; offers: number; isMend: boolean }[];
  /** Whether a part holds the page before the next one: else the next window's part begins with it. */
  isFarKept: boolean;
  /** Times that offers were found behind what had been proved to be the last page. */
  extensions: number;
  /** Whether this crawl repeats one that had lost offers. */
  isRepeat: boolean;
  /** Whether the portal has given this export what it asked for; a crawl that an earlier version began lacks it. */
  hasWorked?: boolean;
};

export type ListDirection = "near" | "far";

/** Fields that a crawl in the history of an earlier version lacks, with what they begin as. */
const later = {
  notes: [],
  startedMs: null,
  highest: null,
  maxRows: 0,
  minRows: null,
  entered: 0,
  entries: [],
  rereads: [],
  isFarKept: false,
  extensions: 0,
  isRepeat: false,
} satisfies Partial<CrawlState>;

/** A crawl from an execution's history, which an earlier version of this program may have begun. */
export function resumeCrawl(crawl: CrawlState): CrawlState {
  return { ...later, ...crawl };
}

/**
 * The same crawl from its start, because offers are missing that still exist. What was read before is void, what
 * was spent counts.
 */
export function repeatCrawl(crawl: CrawlState): CrawlState {
  const { limit, requests, refusals, parts, startedMs, nextPage } = crawl;
  const { windowMs, reserve } = limit;
  const begun = beginCrawl({ windowMs, reserve, limit, requests, refusals, expectedPages: nextPage - 1 });
  const voidParts = Array.from({ length: parts }, (_, index) => index + 1);
  return { ...begun, parts, voidParts, startedMs, isRepeat: true };
}

/** `expectedPages` is how many the last snapshot had, `limit` what the last requests told of it, `requests` and `refusals` are those of a refresh before it. */
type CrawlSettings = {
  windowMs: number;
  reserve: number;
  expectedPages?: number | null;
  limit?: RateLimit | null;
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
}: CrawlSettings): CrawlState {
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
    limit: limit ?? openRateLimit(pace),
    brokenWindows: 0,
    ...later,
    hasWorked,
  };
}

/** Pages still to be read, as far as anything tells; null when nothing does. */
export function countPagesLeft({ done, open, nextPage, expectedPages }: CrawlState): number | null {
  if (done || open?.isLast) return 0;
  return expectedPages === null || expectedPages < nextPage ? null : expectedPages - nextPage + 1;
}

export function addAnomaly(crawl: CrawlState, doubt: Anomaly): CrawlState {
  return crawl.doubts.includes(doubt) ? crawl : { ...crawl, doubts: [...crawl.doubts, doubt] };
}

export function addNote(crawl: CrawlState, note: Note): CrawlState {
  return crawl.notes.includes(note) ? crawl : { ...crawl, notes: [...crawl.notes, note] };
}

export function findFirstId(page: OfferPage): string | null {
  return page.ids[0] ?? null;
}
