import { openRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import type { PageOverlap } from "./offer-page.ts";

/**
 * A crawl reads the portal's whole list of offers, page by page. The list changes during the crawl: offers are added
 * and deleted. The crawl proves that it has missed no offer, or gives the reason why it cannot.
 *
 * - Window: the requests that the rate limit allows at once, for example 60 a minute, and the pages read with them. A
 *   crawl reads the list window by window. The offers of one window become one part of the snapshot, an object in the
 *   bucket.
 * - Near end and far end: page 1 and the last page. New offers appear at one of these two ends.
 * - Probe page: the last page of a window. It is read before the window's other pages and again after them. When it
 *   has not changed, no offer before it was deleted. The stored fields call it the far page.
 * - Boundary: the probe page as its second request shows it. The next window starts with the boundary.
 * - Reference frame: the first requests of a window, for the probe page, the window's first page and page 1. The
 *   frame holds when no offer has appeared on page 1 since the previous request for page 1.
 * - Shift: a move of the list between two requests, because an offer was added or deleted.
 * - Overlap: offers that stand at the end of one page and at the start of the next, because the list shifted between
 *   the requests for the two pages. The stored fields call it a joint.
 * - Reread: an offer that a part holds although an earlier part may hold it too.
 * - Repair: pages of the previous window that are read again, because a shift may have hidden an offer from them. The
 *   next part starts with the repair. The stored fields say that this part mends.
 * - Anomaly: an observation that the crawl's assumptions do not allow. The stored field is `doubts`.
 *
 * Example: a limit of 60 requests and a list of 200 pages. The first window reads page 1, the probe page 59, page 1
 * again and pages 2 to 58. Part 1 holds pages 1 to 58. The second window reads its own probe page 117, and then pages
 * 59 and 1 again, which proves the first window. Then it reads pages 60 to 116. Part 2 holds pages 59 to 116.
 */

/** The reasons why a crawl cannot prove that it has seen every offer. */
export const anomalies = [
  // The list changes faster than it can be read.
  "restless",
  // A new offer stands between two offers that were seen before.
  "inserted",
  // Offers have changed their order, or an offer appears at an end of the list although it is older than the crawl.
  "reordered",
  // New offers appear at both ends of the list.
  "twosided",
  // An offer was read twice, and no shift of the list explains it.
  "doubled",
  // The list has moved so far that a page shows none of the offers by which the crawl finds its position.
  "slid",
  // A probe page is empty, so it cannot show whether the offers before it have moved.
  "nameless",
  // The crawl lacks an offer that the portal still has.
  "overlooked",
  // The number of offers on a page differs from what the portal says, or a page other than the last one is too short.
  "miscounted",
  // The portal did not say whether missing offers still exist.
  "unsettled",
] as const;
export type Anomaly = (typeof anomalies)[number];

/** Contradictions of the portal that the crawl has resolved. The report mentions them, but no offer is missing. */
export const notes = ["contradicted"] as const;
export type Note = (typeof notes)[number];

/** A window of pages that have been read and are not proved complete yet. */
export type OpenWindow = {
  fromPage: number;
  /** The number of the probe page. */
  farPage: number;
  /** The ids of the offers on the probe page, as the window's first request for this page showed them. */
  farIds: string[];
  isLast: boolean;
  /** True when the window's reference frame holds: no new offer appeared on page 1 during the frame's requests. */
  isFramed: boolean;
  /** The number of duplicates on the window's pages. An offer that stands on three pages counts as two duplicates. */
  doubles: number;
  /**
   * The numbers of offers that neighbouring pages of the window share. Null when these numbers prove nothing, for
   * example because the pages differ in length.
   */
  joints: PageOverlap[] | null;
  /**
   * The number of a page that was empty as if the list had ended, although the probe page comes after it; null when
   * there is none.
   */
  hollowPage: number | null;
  /** The value of `CrawlState.seamIds` when the window began. */
  seamIds: string[];
  /** The number of offers in the part of the snapshot that this window has become. */
  offers: number;
  /**
   * True when the window's part of the snapshot starts with a repair of the previous window. Such a part stays valid
   * even when this window's proof fails.
   */
  mends: boolean;
  /** True when the probe page is the last page although the portal announces another page after it. */
  isUnclaimed?: boolean;
  /**
   * The value of `CrawlState.isFarKept` when the window began. Windows that an earlier version of the program stored
   * lack it.
   */
  wasFarKept?: boolean;
};

/** The progress of a crawl. It is small and serialisable, and each window passes it to the next window. */
export type CrawlState = {
  /** All pages with lower numbers have been read. */
  nextPage: number;
  /**
   * The expected number of the last page, from the newest snapshot or from earlier requests. It is only a hint for
   * the search.
   */
  expectedPages: number | null;
  done: boolean;
  open: OpenWindow | null;
  /** The number of times that the window from `nextPage` on has been read without a proof. */
  tries: number;
  /** The ids of the offers on page 1 when it was last read; null before the first request for page 1. */
  topIds: string[] | null;
  /**
   * Ids of offers that the crawl has read last. The snapshot holds all offers before each of them, so the next window
   * must start with a page that shows at least one of them.
   */
  seamIds: string[];
  /** The end of the list where new offers appear; null until one has appeared. */
  grows: ListDirection | null;
  /** The number of parts of the snapshot written so far. */
  parts: number;
  /** The numbers of the parts that do not belong to the snapshot, because their pages were read again. */
  voidParts: number[];
  /** The number of offers in the parts that are not void. An offer in two parts counts twice. */
  offers: number;
  requests: number;
  /** The number of requests that the portal refused with 429. */
  refusals: number;
  /** The number of times that a window's proof has found the list moved by added or deleted offers. */
  shifts: number;
  doubts: Anomaly[];
  limit: RateLimit;
  /**
   * The number of windows in a row that ended early, because of the rate limit or because the portal was not
   * available.
   */
  brokenWindows: number;
  notes: Note[];
  /** The time at which the crawl began, in ms since 1970; null when unknown. */
  startedMs: number | null;
  /** The page with the highest number that has shown offers, as it was last read. */
  highest: { number: number; ids: string[] } | null;
  /** The highest number of offers that any page has shown. */
  maxRows: number;
  /** The lowest number of offers that any page but the last one has shown; null before the first such page. */
  minRows: number | null;
  /** The number of new offers that have appeared on page 1 during the crawl. */
  entered: number;
  /** The values that `entered` has had: each with the number of the newest part at that time. */
  entries: { part: number; entered: number }[];
  /**
   * The number of offers at the start of a part that earlier parts may hold too. These offers come from pages right
   * before the part's new pages or, when `isMend` is true, from a repair of the previous window.
   */
  rereads: { part: number; offers: number; isMend: boolean }[];
  /**
   * True when a part of the snapshot holds page `nextPage - 1`. When it is false, the next part starts with this
   * page.
   */
  isFarKept: boolean;
  /** The number of times that the list went on after its supposed last page, so that the crawl continued. */
  extensions: number;
  /** True when this crawl repeats a crawl that has lost offers. */
  isRepeat: boolean;
  /**
   * True when the portal has answered a request of this export. Crawls that an earlier version of the program began
   * lack it.
   */
  hasWorked?: boolean;
};

/** An end of the list: `near` is page 1, `far` is the last page. */
export type ListDirection = "near" | "far";

/** The initial values of the fields that a crawl stored by an earlier version of the program lacks. */
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

/** Adds the fields that a crawl stored by an earlier version of the program lacks. */
export function resumeCrawl(crawl: CrawlState): CrawlState {
  return { ...addedFields, ...crawl };
}

/**
 * Returns a crawl that starts again at page 1, because offers were lost. All parts written so far become void;
 * requests and refusals still count.
 */
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
  /** The number of pages of the newest snapshot. */
  expectedPages?: number | null;
  /** The rate limit as earlier requests have shown it. Without it, the crawl starts with an unknown limit. */
  limit?: RateLimit | null;
  /** The number of requests that a refresh has sent before this crawl. */
  requests?: number;
  /** The number of requests that the portal refused with 429 in a refresh before this crawl. */
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

/** Returns the expected number of pages that the crawl still has to read; null when the list's length is unknown. */
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
