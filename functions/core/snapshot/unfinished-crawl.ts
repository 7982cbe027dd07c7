import * as z from "zod";
import { type CrawlState, repeatCrawl, resumeCrawl } from "../crawl/crawl-state.ts";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { StoredPart } from "./snapshot-manifest.ts";

/** The fields that crawls of every version have. `resumeCrawl` adds the others. */
const Known = z.looseObject({
  nextPage: wholeNumber,
  parts: wholeNumber,
  voidParts: z.array(wholeNumber),
  doubts: z.array(z.string()),
});

/**
 * A crawl that failed because of the portal, with the parts it has written. The portal's next export may resume it.
 *
 * Example: export A has read pages 1 to 500 when the portal fails. Half an hour later export B starts. It copies A's
 * parts and continues at page 501, since that was less than an hour ago and no snapshot was made meanwhile.
 */
export const Unfinished = z.object({
  crawl: z.custom<CrawlState>((value) => Known.safeParse(value).success),
  stored: z.array(StoredPart),
  evidence: z.boolean(),
  /** When the portal failed the export that was the last to read offers for this crawl. */
  failedAt: isoMoment,
});
export type Unfinished = z.infer<typeof Unfinished>;

/**
 * The proof of a crawl assumes that no offer is added and deleted between two looks. This bounds the time between
 * the last look before the failure and the first look after it.
 */
const resumableMs = 3_600_000;

/** True when the crawl has parts that count and no anomaly, and does not repeat another crawl. */
export function isResumable(crawl: CrawlState): boolean {
  const { parts, voidParts, doubts, isRepeat, done } = resumeCrawl(crawl);
  return parts > voidParts.length && doubts.length === 0 && !isRepeat && !done;
}

type Successor = { evidence: boolean; now: Date; newestAt: string | null };

/** True when an export may resume the crawl. A snapshot that was finished later, at `newestAt`, replaces it. */
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
 * Returns the crawl as the export continues it. Requests, refusals and the limit are those of `fresh`, the export's
 * own crawl from its start, because a report counts what its own export has spent.
 */
export function continueCrawl(crawl: CrawlState, fresh: CrawlState): CrawlState {
  const { limit, requests, refusals, hasWorked = false } = fresh;
  return { ...resumeCrawl(crawl), limit, requests, refusals, hasWorked, brokenWindows: 0 };
}

/** Starts a resumed crawl again, because the list has changed too much meanwhile. */
export function restartCrawl(crawl: CrawlState): CrawlState {
  return { ...repeatCrawl(crawl), isRepeat: false, startedMs: null };
}
