import { openRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import type { PageOverlap } from "./offer-page.ts";

/**
 * A crawl reads the portal's whole list of offers, page by page. The list changes during the crawl: offers are added
 * and deleted. The crawl proves that it has missed no offer, or says why it cannot prove this.
 *
 * - Window: a group of requests that the rate limit allows at once, for example 60 a minute. The pages that these
 *   requests read are the window's pages. The offers of one window are stored as one part of the snapshot, which is an
 *   object in the bucket.
 * - Near end and far end: page 1 and the last page. New offers appear at one of these two ends.
 * - Probe page: the last page of a window. It is read before the window's other pages and again after them. When it has
 *   not changed, no offer before it was deleted. The stored fields call it the far page.
 * - Boundary: what the second request for the probe page shows. The next window starts with the boundary.
 * - Reference frame: the first requests of a window. They read the probe page, the window's first page and page 1. The
 *   frame holds when no offer has appeared on page 1 since the previous request for page 1.
 * - Shift: a move of the list between two requests, because an offer was added or deleted.
 * - Overlap: offers that stand both at the end of one page and at the start of the next, because the list shifted
 *   between the requests for the two pages. The stored fields call it a joint.
 * - Reread: an offer that was read again. It stands at the start of a part, although it may also be in an earlier part.
 * - Repair: pages of the previous window that are read again, because a shift may have hidden an offer from them. The
 *   next part starts with the repair. The stored fields call a repair a mend.
 * - Anomaly: an observation that contradicts the crawl's assumptions. The stored field is `doubts`.
 *
 * Example: the limit is 60 requests, and the list has 200 pages. The first window reads page 1, the probe page 59, page
 * 1 again and pages 2 to 58. Part 1 holds pages 1 to 58. The second window first reads its own probe page 117. Then it
 * reads pages 59 and 1 again, which proves the first window. At last it reads pages 60 to 116. Part 2 holds pages 59 to
 * 116.
 */

/** The reasons why a crawl cannot prove that it has seen every offer. */
export const anomalies = [
  // The list changes faster than it can be read.
  "restless",
  // A new offer stands between two offers that were seen before.
  "inserted",
  // Offers have changed their order, or an offer that is older than the crawl has appeared at an end of the list.
  "reordered",
  // New offers appear at both ends of the list.
  "twosided",
  // An offer was read twice, and no shift of the list explains it.
  "doubled",
  // The list has moved so far that the crawl has lost its place: a page shows none of the offers expected there.
  "slid",
  // A probe page is empty, so it cannot show whether the offers before it have moved.
  "nameless",
  // The crawl lacks an offer that the portal still has.
  "overlooked",
  // The number of offers on a page is not the number that the portal states, or a page before the last one is too
  // short.
  "miscounted",
  // The portal did not say whether missing offers still exist.
  "unsettled",
] as const;
export type Anomaly = (typeof anomalies)[number];

/**
 * Contradictions in the portal's answers that the crawl has resolved. The report mentions them, but no offer is
 * missing.
 */
export const notes = ["contradicted"] as const;
export type Note = (typeof notes)[number];

/** A window whose pages have been read but are not yet proved to be complete. */
export type OpenWindow = {
  fromPage: number;
  /** The number of the probe page. */
  farPage: number;
  /** The ids that the probe page showed when the window first requested it. */
  farIds: string[];
  isLast: boolean;
  /** True when no new offer appeared on page 1 while the window took its reference frame. */
  isFramed: boolean;
  /** The number of duplicates on the window's pages. An offer that stands on three pages counts as two duplicates. */
  doubles: number;
  /**
   * The overlaps of the window's neighbouring pages. Null when overlaps prove nothing, for example because the pages
   * differ in length.
   */
  joints: PageOverlap[] | null;
  /**
   * The number of a page before the probe page that was empty, as if the list had ended there. Null when there is no
   * such page.
   */
  hollowPage: number | null;
  /** The value of `CrawlState.seamIds` when the window began. */
  seamIds: string[];
  /** The number of offers in this window's part of the snapshot. */
  offers: number;
  /**
   * True when the window's part of the snapshot starts with a repair of the previous window. Such a part stays valid
   * even when this window's proof fails.
   */
  mends: boolean;
  /** True when the probe page is the last page although the portal announces another page after it. */
  isUnclaimed?: boolean;
  /**
   * The value of `CrawlState.isFarKept` when the window began. An earlier version of the program stored windows without
   * this field.
   */
  wasFarKept?: boolean;
  /** True when an offer that was created after the crawl began stands between older offers of the window. */
  hasIntruder?: boolean;
};

/** The progress of a crawl. It is small and serialisable, and each window passes it to the next window. */
export type CrawlState = {
  /** All pages with lower numbers have been read. */
  nextPage: number;
  /**
   * How many pages the list probably has, according to the newest snapshot or earlier requests. It is only a hint for
   * the search for the last page.
   */
  expectedPages: number | null;
  done: boolean;
  open: OpenWindow | null;
  /** How often the proof of the window that starts at page `nextPage` has failed. */
  tries: number;
  /** The ids of the offers on page 1 when it was last read; null before the first request for page 1. */
  topIds: string[] | null;
  /**
   * The ids of the offers that the crawl has read last. The snapshot holds every offer that stands before them in the
   * list. So the next window must start with a page that shows at least one of these ids.
   */
  seamIds: string[];
  /** The end of the list where new offers appear; null until a new offer has appeared. */
  grows: ListDirection | null;
  /** The number of parts of the snapshot written so far. */
  parts: number;
  /** The indexes (from 1) of the parts that do not belong to the snapshot, because their pages were read again. */
  voidParts: number[];
  /** The number of offers in the parts that are not void. An offer in two parts counts twice. */
  offers: number;
  requests: number;
  /** The number of requests that the portal refused with 429. */
  refusals: number;
  /** How often a window's proof has found that the list had moved, because offers were added or deleted. */
  shifts: number;
  doubts: Anomaly[];
  limit: RateLimit;
  /**
   * The number of windows that ended early since the last complete window. A window ends early because of the rate
   * limit, or because the portal is not available.
   */
  brokenWindows: number;
  notes: Note[];
  /** The time at which the crawl began, in ms since 1970; null when unknown. */
  startedMs: number | null;
  /** The highest page that has shown offers, as it was last read. */
  highest: { number: number; ids: string[] } | null;
  /** The number of offers on the longest page so far. */
  maxRows: number;
  /**
   * The number of offers on the shortest page so far. The list's last page does not count. Null before the first page
   * that counts.
   */
  minRows: number | null;
  /** The number of new offers that have appeared on page 1 during the crawl. */
  entered: number;
  /** The ids of these offers, the newest first. The crawl remembers only the newest of them. */
  newIds: string[];
  /** True when page 1 has begun with an offer that was created after the crawl began. */
  hasNewTop: boolean;
  /**
   * The history of `entered`. Each entry holds the index of a part, and the value of `entered` when that part was the
   * newest.
   */
  entries: { part: number; entered: number }[];
  /**
   * For each part that repeats offers: how many offers at its start may also be in earlier parts. When `isMend` is
   * true, they come from a repair of the previous window, and otherwise from the pages right before the part's new
   * pages. `unseen` is the number of offers of a repair that the previous part must lack, because the repair was read to
   * find them. An earlier version of the program stored rereads without this number.
   */
  rereads: { part: number; offers: number; isMend: boolean; unseen?: number }[];
  /**
   * Where the last id of `seamIds` stood when the last window was proved, or when the next window was last begun. Null
   * when unknown. `rank` is the number of offers before it in the list. `entered` is the number of new offers that have
   * appeared on page 1 since then; null when they could not be counted.
   */
  seamPlace: { rank: number; entered: number | null } | null;
  /** The list has had at least this many offers, as the proof of its last page shows. */
  minOffers: number;
  /**
   * True when page `nextPage - 1` is already in a part of the snapshot. When it is not, the next part starts with this
   * page.
   */
  isFarKept: boolean;
  /** How often the crawl has continued after the supposed last page, because the list went on there. */
  extensions: number;
  /** True when this crawl repeats a crawl that has lost offers. */
  isRepeat: boolean;
  /**
   * True when the portal has answered a request of this export. Crawls that began with an earlier version of the
   * program do not have this field.
   */
  hasWorked?: boolean;
};

/** An end of the list: `near` is page 1, `far` is the last page. */
export type ListDirection = "near" | "far";

/**
 * Initial values for fields that were added later. A crawl that an earlier version of the program stored does not have
 * these fields.
 */
const addedFields = {
  notes: [],
  startedMs: null,
  highest: null,
  maxRows: 0,
  minRows: null,
  entered: 0,
  newIds: [],
  hasNewTop: false,
  entries: [],
  rereads: [],
  seamPlace: null,
  minOffers: 0,
  isFarKept: false,
  extensions: 0,
  isRepeat: false,
} satisfies Partial<CrawlState>;

/** Returns the crawl with all fields. An earlier version of the program may have stored it without the newer fields. */
export function resumeCrawl(crawl: CrawlState): CrawlState {
  return { ...addedFields, ...crawl };
}

/**
 * Returns a crawl that starts again at page 1, because offers were lost. The parts of the old crawl become void, but
 * its requests and refusals still count.
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
  /** How many pages the list probably has, for example according to the newest snapshot. */
  expectedPages?: number | null;
  /** The rate limit that earlier requests have observed. Without it, the crawl starts with an unknown limit. */
  limit?: RateLimit | null;
  /** The number of requests that were sent before this crawl, for example by a refresh. */
  requests?: number;
  /** The number of earlier requests that the portal refused with 429. */
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

/** Returns how many pages the crawl probably still has to read; null when the list's length is unknown. */
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
