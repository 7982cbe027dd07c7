import { type Clock, dateNow, type Timer } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import type { Progress } from "../../core/basics/stored-values.ts";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { estimateFinishMs } from "../../core/crawl/probe-page.ts";
import { openRateLimit, type RateLimit, resumeRateLimit } from "../../core/rate-limit/rate-limit.ts";
import { recordHeartbeat, renewLease } from "../../core/snapshot/crawl-registry.ts";
import type { AppContext } from "../context.ts";
import { updateRegistry } from "../snapshot/snapshot-store.ts";

/** How far the reading of offers has come, and what it knows of the limit. */
export type CrawlPoint = { progress: Progress; limit: RateLimit };

/** A sign of life, for who follows the reading and who waits for it. False when it is no longer this export's. */
export async function saveProgress(
  app: AppContext,
  id: string,
  { progress, limit }: CrawlPoint,
): Promise<boolean> {
  const news = { reads: "offers", progress, limit, now: dateNow(app.clock) } as const;
  return await updateRegistry(app, (registry) => renewLease(registry, id, news));
}

export function describeCrawlProgress(crawl: CrawlState, waitSeconds: number, clock: Clock): CrawlPoint {
  const { nextPage, offers, limit } = crawl;
  const opensMs = clock.now() + waitSeconds * 1000;
  const reading = { pages: nextPage - 1, offers, waitSeconds };
  return { progress: describeReadProgress(reading, estimateFinishMs(crawl, opensMs), clock), limit };
}

type Refresh = { requests: number; offers: number; limit: RateLimit; waitSeconds: number };

/** What a refresh has read; most of one is done in one window. */
export function describeRefreshProgress(
  { requests, offers, limit, waitSeconds }: Refresh,
  clock: Clock,
): CrawlPoint {
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
export function recallRateLimit(
  app: Pick<AppContext, "config" | "clock">,
  known: RateLimit | null,
): RateLimit {
  const pace = readRateSettings(app);
  return known === null ? openRateLimit(pace) : resumeRateLimit(known, pace, app.clock.now());
}

/** The settings of today, whatever an earlier crawl had. */
export function readRateSettings({ config: { portal } }: Pick<AppContext, "config">) {
  return { windowMs: portal.rateWindowMs, reserve: portal.rateReserve };
}

/** A shorter one is over before anybody has read of it. */
const minWaitMs = 3_000;

/**
 * A clock for who reads a window: it tells of the waits in the midst of it, once however many requests wait
 * together. `settle` before anything else is told of the crawl, or an earlier word may come last: it tells of a pause
 * that the portal has asked for and nobody has waited for, however the window ends.
 */
export function reportWaits(
  app: AppContext,
  id: string,
  describe: (waitSeconds: number) => CrawlPoint,
): { clock: Timer; settle: () => Promise<void> } {
  const { clock } = app;
  let toldUntilMs = -Infinity;
  let telling = Promise.resolve();

  function tell(waitMs: number): void {
    const untilMs = clock.now() + waitMs;
    if (waitMs < minWaitMs || untilMs < toldUntilMs + minWaitMs) return;
    toldUntilMs = untilMs;
    const point = describe(Math.ceil(waitMs / 1000));
    telling = telling.then(() => tellWait(app, id, point));
  }

  async function sleep(ms: number): Promise<void> {
    tell(ms);
    await clock.sleep(ms);
  }

  async function settle(): Promise<void> {
    const { limit } = describe(0);
    tell(limit.closedUntilMs - clock.now());
    await telling;
  }

  return { clock: { now: () => clock.now(), sleep }, settle };
}

/** Nothing depends on its being told. */
async function tellWait(app: AppContext, id: string, point: CrawlPoint): Promise<void> {
  try {
    await saveProgress(app, id, point);
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}

const beatMs = 60_000;

/** Tells of the crawl's life while the work goes on: a slow portal may make a window take many minutes. */
export async function keepHeartbeat<T>(
  app: AppContext,
  id: string,
  work: () => Promise<T>,
  everyMs = beatMs,
): Promise<T> {
  const timer = setInterval(() => void beat(app, id), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** One that fails does not matter: the next follows before anybody takes the crawl for dead. */
async function beat(app: AppContext, id: string): Promise<void> {
  try {
    await updateRegistry(app, (registry) => recordHeartbeat(registry, id, dateNow(app.clock)));
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}
