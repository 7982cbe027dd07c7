import * as z from "zod";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { type CrawlState, repeatCrawl, resumeCrawl } from "../crawl/crawl-state.ts";
import { StoredPart } from "./snapshot-manifest.ts";

/**
 * The fields that every stored crawl has. When an earlier version of this program stored the crawl, `resumeCrawl`
 * adds the newer fields.
 */
const Known = z.looseObject({
  nextPage: wholeNumber,
  parts: wholeNumber,
  voidParts: z.array(wholeNumber),
  doubts: z.array(z.string()),
});

/**
 * A crawl that failed because of the portal, with the parts that it has written. The next export of the same portal
 * may resume the crawl.
 *
 * Example: export A has read pages 1 to 500 when the portal fails. Half an hour later, export B starts. B copies A's
 * parts and continues at page 501, because the failure is less than an hour ago and no snapshot was finished after
 * it.
 */
export const Unfinished = z.object({
  crawl: z.custom<CrawlState>((value) => Known.safeParse(value).success),
  stored: z.array(StoredPart),
  evidence: z.boolean(),
  /**
   * The time of the failure. When a resumed crawl fails again before it has read offers, this stays the time of the
   * earlier failure.
   */
  failedAt: isoMoment,
});
export type Unfinished = z.infer<typeof Unfinished>;

/**
 * A failed crawl can be resumed within this time, one hour after the failure. The crawl's proof of completeness
 * assumes that no offer is both added and deleted between two readings of a page, so these readings must be close
 * together in time.
 */
const resumableMs = 3_600_000;

/** True when the crawl has valid parts and no anomaly, is not finished, and does not repeat an earlier crawl. */
export function isResumable(crawl: CrawlState): boolean {
  const { parts, voidParts, doubts, isRepeat, done } = resumeCrawl(crawl);
  return parts > voidParts.length && doubts.length === 0 && !isRepeat && !done;
}

type Successor = { evidence: boolean; now: Date; newestAt: string | null };

/**
 * True when an export may resume the crawl: the failure is at most one hour ago, and no snapshot was finished after
 * it. `newestAt` is the time at which the newest snapshot was finished.
 */
export function mayResume(
  { crawl, evidence, failedAt }: Unfinished,
  { evidence: wantsEvidence, now, newestAt }: Successor,
): boolean {
  const failedMs = Date.parse(failedAt);
  const isRecent = now.getTime() - failedMs <= resumableMs;
  const isNewest = newestAt === null || Date.parse(newestAt) < failedMs;
  return isRecent && isNewest && evidence === wantsEvidence && isResumable(crawl);
}

/**
 * Returns the failed crawl as the next export continues it. The rate limit and the numbers of requests and refusals
 * come from `fresh`, the crawl that the next export has begun. So the report counts only the requests of the next
 * export.
 */
export function continueCrawl(crawl: CrawlState, fresh: CrawlState): CrawlState {
  const { limit, requests, refusals, hasWorked = false } = fresh;
  return { ...resumeCrawl(crawl), limit, requests, refusals, hasWorked, brokenWindows: 0 };
}

/** Starts a resumed crawl again from the beginning. Call this when the list has changed too much since the failure. */
export function restartCrawl(crawl: CrawlState): CrawlState {
  return { ...repeatCrawl(crawl), isRepeat: false, startedMs: null };
}
