import { openRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import type { PageOverlap } from "./offer-page.ts";

/**
 * A crawl reads the portal's whole list of offers, page by page. The list changes while it is read: offers are added
 * and deleted. The crawl proves that it has missed none, or says why it cannot.
 *
 * - Window: the requests that the rate limit allows at once, for example 60 a minute. A crawl reads the list window
 *   by window. The offers of one window become one part of the snapshot, an object in the bucket.
 * - Near end and far end: page 1 and the last page. New offers enter at one of them.
 * - Probe page: the last page of a window. It is read before the window's other pages and again after them. When it
 *   has not changed, nothing before it was deleted. The stored fields call it the far page.
 * - Boundary: the probe page as it stands at the second look. The next window starts with it.
 * - Reference frame: the looks that a window starts with: the probe page, the window's first page, page 1. The frame
 *   holds when page 1 shows that nothing has entered meanwhile.
 * - Shift: a move of the list between two looks, because an offer entered or was deleted.
 * - Overlap: offers that stand at the end of one page and at the start of the next, because the list shifted between
 *   the two requests. The stored fields call it a joint.
 * - Reread: offers that a part holds although an earlier part may hold them too.
 * - Repair: pages of the window before that are read again, because a shift may have hidden an offer from them. The
 *   next part starts with them. The stored fields say that the part mends.
 * - Anomaly: an observation that the crawl's assumptions do not allow. The stored field is `doubts`.
 *
 * Example: a limit of 60 requests and a list of 200 pages. The first window reads page 1, the probe page 59, page 1
 * again and pages 2 to 58. Part 1 holds pages 1 to 58. The second window reads its own probe page 117, then pages 59
 * and 1 again: this proves the first window. Then it reads pages 60 to 116. Part 2 holds pages 59 to 116.
 */

/** Reasons why nobody can say that a crawl has seen every offer. */
export const anomalies = [
  // The list moves faster than it can be read.
  "restless",
  // An unknown offer stands between two known ones.
  "inserted",
  // Offers have changed their order, or an offer enters that is older than the crawl.
  "reordered",
  // Offers enter at both ends.
  "twosided",
  // An offer stands twice, and no shift explains it.
  "doubled",
  // The place where a window must start was not found: no known offer stands near it.
  "slid",
  // The probe page is empty, so nothing shows whether the window has moved.
  "nameless",
  // The crawl lacks an offer that the portal still has.
  "overlooked",
  // A page holds another number of offers than the portal or the other pages say.
  "miscounted",
  // The portal did not answer whether missing offers still exist.
  "unsettled",
] as const;
export type Anomaly = (typeof anomalies)[number];

/** Contradictions of the portal that the crawl has resolved: the report mentions them, and no offer is missing. */
export const notes = ["contradicted"] as const;
export type Note = (typeof notes)[number];

/** A window whose pages have been read and that is not proved yet. */
export type OpenWindow = {
  fromPage: number;
  /** The number of the probe page. */
  farPage: number;
  /** The probe page's offers at its first look. */
  farIds: string[];
  isLast: boolean;
  /** True when the window's reference frame holds. */
  isFramed: boolean;
  /** The number of duplicates on the window's pages: an offer that stands on three pages counts as two. */
  doubles: number;
  /**
   * The overlaps of the window's pages. Null when they prove nothing: the window has one page, its pages differ in
   * length, or there are too many overlaps.
   */
  joints: PageOverlap[] | null;
  /** The number of a page before the probe page that answered as if the list had ended. */
  hollowPage: number | null;
  /** `CrawlState.seamIds` when the window began. */
  seamIds: string[];
  /** The number of offers in the window's part. */
  offers: number;
  /** True when the part starts with a repair of the window before: then the part stays even when this window is void. */
  mends: boolean;
  /** True when the probe page is the last page although the portal announces another. */
  isUnclaimed?: boolean;
  /** `CrawlState.isFarKept` when the window began; windows of an earlier version lack it. */
  wasFarKept?: boolean;
};

/** The progress of a crawl. It is small and serialisable, and each window passes it to the next. */
export type CrawlState = {
  /** Every page below this number has been read. */
  nextPage: number;
  /** The expected number of the last page, from the last snapshot or an earlier look. It is only a hint. */
  expectedPages: number | null;
  done: boolean;
  open: OpenWindow | null;
  /** The number of times that the next window has already been read without a proof. */
  tries: number;
  /** The offers of page 1 at its last look; null before the first look. */
  topIds: string[] | null;
  /** The snapshot holds every offer before these. The next window must start at one of them, or before it. */
  seamIds: string[];
  /** The end of the list where new offers enter; null as long as none was seen. */
  grows: ListDirection | null;
  /** The number of parts written so far. */
  parts: number;
  /** The parts that do not count, because their window was read again. */
  voidParts: number[];
  /** The number of offers in the parts that count; an offer in two parts counts twice. */
  offers: number;
  requests: number;
  /** The number of requests that the portal refused with 429. */
  refusals: number;
  /** The number of shifts seen. */
  shifts: number;
  doubts: Anomaly[];
  limit: RateLimit;
  /** The number of windows in a row that brought nothing. */
  brokenWindows: number;
  notes: Note[];
  /** When the crawl began, in ms since 1970; null when unknown. */
  startedMs: number | null;
  /** The highest page that has shown offers, as it was last seen. */
  highest: { number: number; ids: string[] } | null;
  /** The most offers that any page has shown. */
  maxRows: number;
  /** The fewest offers that any page but the last one has shown; null before the first such page. */
  minRows: number | null;
  /** The number of offers that were seen to enter at page 1. */
  entered: number;
  /** The value of `entered` after the part of that number was written. */
  entries: { part: number; entered: number }[];
  /**
   * The number of offers at the start of a part that earlier parts may hold too. They are from the pages right
   * before the part's own pages, or (`isMend`) from a repair of the window before.
   */
  rereads: { part: number; offers: number; isMend: boolean }[];
  /** True when a part holds the page before `nextPage`. Otherwise the next window's part starts with it. */
  isFarKept: boolean;
  /** The number of times that offers were found behind the supposed last page. */
  extensions: number;
  /** True when this crawl repeats one that has lost offers. */
  isRepeat: boolean;
  /** True when the portal has answered a request of this export. Crawls that an earlier version began lack it. */
  hasWorked?: boolean;
};

/** An end of the list: page 1 is near, the last page is far. */
export type ListDirection = "near" | "far";

/** Initial values of the fields that crawls of earlier versions lack. */
const addedFields = {
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

/** Adds the fields that a stored crawl of an earlier version lacks. */
export function resumeCrawl(crawl: CrawlState): CrawlState {
  return { ...addedFields, ...crawl };
}

/** Starts a crawl again because it has lost offers. All parts so far are void; requests and refusals still count. */
export function repeatCrawl(crawl: CrawlState): CrawlState {
  const { limit, requests, refusals, parts, startedMs, nextPage } = crawl;
  const { windowMs, reserve } = limit;
  const fresh = beginCrawl({ windowMs, reserve, limit, requests, refusals, expectedPages: nextPage - 1 });
  const voidParts = Array.from({ length: parts }, (_, index) => index + 1);
  return { ...fresh, parts, voidParts, startedMs, isRepeat: true };
}

type CrawlSettings = {
  windowMs: number;
  reserve: number;
  /** The number of pages of the last snapshot. */
  expectedPages?: number | null;
  /** The rate limit as the last requests have shown it. */
  limit?: RateLimit | null;
  /** The number of requests that a refresh has spent before this crawl. */
  requests?: number;
  /** The number of refusals that a refresh has met before this crawl. */
  refusals?: number;
  hasWorked?: boolean;
};

export function beginCrawl({
  expectedPages = null,
  limit = null,
  requests = 0,
  refusals = 0,
  hasWorked = false,
  ...rateSettings
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
    limit: limit ?? openRateLimit(rateSettings),
    brokenWindows: 0,
    ...addedFields,
    hasWorked,
  };
}

/** Returns the expected number of pages still to be read; null when unknown. */
export function countPagesLeft({ done, open, nextPage, expectedPages }: CrawlState): number | null {
  if (done || open?.isLast) return 0;
  return expectedPages === null || expectedPages < nextPage ? null : expectedPages - nextPage + 1;
}

export function addAnomaly(crawl: CrawlState, anomaly: Anomaly): CrawlState {
  return crawl.doubts.includes(anomaly) ? crawl : { ...crawl, doubts: [...crawl.doubts, anomaly] };
}

export function addNote(crawl: CrawlState, note: Note): CrawlState {
  return crawl.notes.includes(note) ? crawl : { ...crawl, notes: [...crawl.notes, note] };
}
