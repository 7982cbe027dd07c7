import * as z from "zod";
import { type CrawlState, repeatCrawl, resumeCrawl } from "../crawl/crawl-state.ts";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { StoredPart } from "./snapshot-manifest.ts";

/** What every crawl has, whichever version began it; `resumeCrawl` adds the rest. */
const Known = z.looseObject({
  nextPage: wholeNumber,
  parts: wholeNumber,
  voidParts: z.array(wholeNumber),
  doubts: z.array(z.string()),
});

/** A crawl that the portal has failed, with the parts it had written: the next export may go on with it. */
export const Unfinished = z.object({
  crawl: z.custom<CrawlState>((value) => Known.safeParse(value).success),
  stored: z.array(StoredPart),
  evidence: z.boolean(),
  /** When the export failed whose windows were the last to bring anything. */
  failedAt: isoMoment,
});
export type Unfinished = z.infer<typeof Unfinished>;

/** The report's promise allows no offer that is added and deleted between two looks: this bounds the time between. */
export const resumableMs = 3_600_000;

/** Whether the crawl has windows worth keeping: it is in no doubt, and repeats no other. */
export function isResumable(crawl: CrawlState): boolean {
  const { parts, voidParts, doubts, isRepeat, done } = resumeCrawl(crawl);
  return parts > voidParts.length && doubts.length === 0 && !isRepeat && !done;
}

type Successor = { evidence: boolean; now: Date; newestAt: string | null };

/** Whether an export may go on with the crawl. One that ended later, at `newestAt`, has made it stale. */
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
 * The crawl as the export goes on with it. `begun` is the export's own from its start: requests, refusals and the
 * limit stay its own, since a report counts what its export has spent.
 */
export function continueCrawl(crawl: CrawlState, begun: CrawlState): CrawlState {
  const { limit, requests, refusals, hasWorked = false } = begun;
  return { ...resumeCrawl(crawl), limit, requests, refusals, hasWorked, brokenWindows: 0 };
}

/** The same crawl from its start, where the list has changed too much meanwhile for its windows to be joined. */
export function restartCrawl(crawl: CrawlState): CrawlState {
  return { ...repeatCrawl(crawl), isRepeat: false, startedMs: null };
}
