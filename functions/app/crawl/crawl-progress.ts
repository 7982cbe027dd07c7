import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { estimateFinishMs } from "../../core/crawl/probe-page--estimate.ts";
import { type RateLimit, openRateLimit, resumeRateLimit } from "../../core/rate-limit/rate-limit.ts";
import type { Progress } from "../../core/basics/stored-values.ts";
import { renewLease } from "../../core/snapshot/crawl-registry.ts";
import { type Clock, dateNow } from "../../adapters/clock/clock.ts";
import { updateRegistry } from "../snapshot/snapshot-store--register.ts";
import type { AppContext } from "../context.ts";

/** How far the reading of offers has come, and what it knows of the limit. */
export type CrawlPoint = { progress: Progress; limit: RateLimit };

/** A sign of life, for who follows the reading and who waits for it. False when it is no longer this export's. */
export async function saveProgress(world: AppContext, id: string, { progress, limit }: CrawlPoint): Promise<boolean> {
  const news = { reads: "offers", progress, limit, now: dateNow(world.clock) } as const;
  return await updateRegistry(world, (register) => renewLease(register, id, news));
}

export function describeCrawlProgress(crawl: CrawlState, waitSeconds: number, clock: Clock): CrawlPoint {
  const { nextPage, offers, limit } = crawl;
  const opensMs = clock.now() + waitSeconds * 1000;
  const reading = { pages: nextPage - 1, offers, waitSeconds };
  return { progress: describeReadProgress(reading, estimateFinishMs(crawl, opensMs), clock), limit };
}

type Refresh = { requests: number; offers: number; limit: RateLimit; waitSeconds: number };

/** What a refresh has read; most of one is done in one window. */
export function describeRefreshProgress({ requests, offers, limit, waitSeconds }: Refresh, clock: Clock): CrawlPoint {
  const finishMs = clock.now() + waitSeconds * 1000;
  return { progress: describeReadProgress({ pages: requests, offers, waitSeconds }, finishMs, clock), limit };
}

type Reading = Pick<Progress, "pages" | "offers"> & { waitSeconds: number };

/** `finishMs` is when the reading will be done, if anybody knows. */
export function describeReadProgress(
  { pages, offers, waitSeconds }: Reading,
  finishMs: number | null,
  clock: Clock,
): Progress {
  const tell = (ms: number) => clock.dateOf(ms).toISOString();
  return {
    pages,
    offers,
    waitingUntil: waitSeconds > 0 ? tell(clock.now() + waitSeconds * 1000) : null,
    estimatedFinishAt: finishMs === null ? null : tell(finishMs),
  };
}

/** What earlier requests, if any, told of the rate limit, under the settings of today. */
export function recallRateLimit(world: Pick<AppContext, "config" | "clock">, known: RateLimit | null): RateLimit {
  const pace = readRateSettings(world);
  return known === null ? openRateLimit(pace) : resumeRateLimit(known, pace, world.clock.now());
}

/** The settings of today, whatever an earlier crawl had. */
export function readRateSettings({ config: { portal } }: Pick<AppContext, "config">) {
  return { windowMs: portal.rateWindowMs, reserve: portal.rateReserve };
}
