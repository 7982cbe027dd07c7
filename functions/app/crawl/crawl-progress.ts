import { type Clock, dateNow, type Timer } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import type { Progress } from "../../core/basics/stored-values.ts";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { estimateFinishMs } from "../../core/crawl/probe-page.ts";
import {
  distrustRateLimit,
  heedPause,
  openRateLimit,
  type RateLimit,
  resumeRateLimit,
} from "../../core/rate-limit/rate-limit.ts";
import type { ReadKind } from "../../core/snapshot/crawl-lease.ts";
import { recordHeartbeat, renewLease } from "../../core/snapshot/lease-fencing.ts";
import type { AppContext } from "../context.ts";
import { updateRegistry } from "../snapshot/snapshot-store.ts";

/**
 * The progress of a crawl, a refresh or a lookup of names, and the rate limit as the requests so far have shown it.
 * `reads` tells what the requests read; offers when absent.
 */
export type CrawlPoint = { progress: Progress; limit: RateLimit; reads?: ReadKind };

/**
 * Saves the progress and the rate limit in the registry, and renews the lease. Returns false when the export no longer
 * holds the lease.
 */
export async function saveProgress(
  app: AppContext,
  id: string,
  { progress, limit, reads = "offers" }: CrawlPoint,
): Promise<boolean> {
  const update = { reads, progress, limit, now: dateNow(app.clock) };
  return await updateRegistry(app, (registry) => renewLease(registry, id, update));
}

export function describeCrawlProgress(crawl: CrawlState, waitSeconds: number, clock: Clock): CrawlPoint {
  const { nextPage, offers, limit } = crawl;
  const opensMs = clock.now() + waitSeconds * 1000;
  const reading = { pages: nextPage - 1, offers, waitSeconds };
  return { progress: describeReadProgress(reading, estimateFinishMs(crawl, opensMs), clock), limit };
}

type Refresh = { requests: number; offers: number; limit: RateLimit; waitSeconds: number };

/**
 * Describes the progress of a refresh. The estimated finish is the end of the present wait, because the remaining
 * requests of most refreshes fit into one window of the rate limit.
 */
export function describeRefreshProgress(
  { requests, offers, limit, waitSeconds }: Refresh,
  clock: Clock,
): CrawlPoint {
  const finishMs = clock.now() + waitSeconds * 1000;
  return { progress: describeReadProgress({ pages: requests, offers, waitSeconds }, finishMs, clock), limit };
}

type Reading = Pick<Progress, "pages" | "offers"> & { waitSeconds: number };

/** `finishMs` is the estimated time at which the crawl or refresh ends; null when unknown. */
function describeReadProgress(
  { pages, offers, waitSeconds }: Reading,
  finishMs: number | null,
  clock: Clock,
): Progress {
  const format = (ms: number) => clock.dateOf(ms).toISOString();
  return {
    pages,
    offers,
    waitingUntil: waitSeconds > 0 ? format(clock.now() + waitSeconds * 1000) : null,
    estimatedFinishAt: finishMs === null ? null : format(finishMs),
  };
}

/**
 * Returns the rate limit that earlier requests have shown, with the current settings. Returns a new rate limit when
 * `known` is null.
 */
export function recallRateLimit(
  app: Pick<AppContext, "config" | "clock">,
  known: RateLimit | null,
): RateLimit {
  const settings = readRateSettings(app);
  return known === null ? openRateLimit(settings) : resumeRateLimit(known, settings, app.clock.now());
}

/**
 * `isRepeated` is true when an earlier attempt has begun the same window. `closedUntilMs` is the end of the portal's
 * last known pause; 0 when no pause is known.
 */
type WindowStart = { isRepeated: boolean; closedUntilMs?: number };

/**
 * Returns the rate limit at the start of a window. When an earlier attempt has begun the same window, the number of
 * remaining requests is unknown, because nobody counted that attempt's requests.
 */
export function recallWindowLimit(
  app: Pick<AppContext, "config" | "clock">,
  known: RateLimit | null,
  { isRepeated, closedUntilMs = 0 }: WindowStart,
): RateLimit {
  const limit = heedPause(recallRateLimit(app, known), closedUntilMs, app.clock.now());
  return isRepeated ? distrustRateLimit(limit) : limit;
}

export function readRateSettings({ config: { portal } }: Pick<AppContext, "config">) {
  return { windowMs: portal.rateWindowMs, reserve: portal.rateReserve };
}

/** Waits shorter than this are not saved as progress, because they end before anybody reads the progress. */
const minWaitMs = 3_000;

/**
 * Returns a clock for the requests of one window. The clock saves each wait of a few seconds or more as progress, but
 * only once when several requests wait together. `during` runs the requests. At their end it also saves a pause that the
 * portal has asked for, if no request has waited for its end, and it waits until everything is saved.
 */
export function reportWaits(
  app: AppContext,
  id: string,
  describe: (waitSeconds: number) => CrawlPoint,
): { clock: Timer; during: <T>(work: () => Promise<T>) => Promise<T> } {
  const { clock } = app;
  let savedUntilMs = -Infinity;
  let saving = Promise.resolve();

  function report(waitMs: number): void {
    const untilMs = clock.now() + waitMs;
    if (waitMs < minWaitMs || untilMs < savedUntilMs + minWaitMs) return;
    savedUntilMs = untilMs;
    const point = describe(Math.ceil(waitMs / 1000));
    saving = saving.then(() => attemptSave(app, id, point));
  }

  async function sleep(ms: number): Promise<void> {
    report(ms);
    await clock.sleep(ms);
  }

  async function settle(): Promise<void> {
    const { limit } = describe(0);
    report(limit.closedUntilMs - clock.now());
    await saving;
  }

  async function during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await settle();
    }
  }

  return { clock: { now: () => clock.now(), sleep }, during };
}

/** Saves the progress. A failure is only logged, because nothing depends on this progress. */
async function attemptSave(app: AppContext, id: string, point: CrawlPoint): Promise<void> {
  try {
    await saveProgress(app, id, point);
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}

const heartbeatMs = 60_000;

/** Renews the lease every minute while `work` runs, because `work` can take many minutes when the portal is slow. */
export async function keepHeartbeat<T>(
  app: AppContext,
  id: string,
  work: () => Promise<T>,
  everyMs = heartbeatMs,
): Promise<T> {
  const finished = new AbortController();
  void sendHeartbeats(app, id, { everyMs, finished: finished.signal });
  try {
    return await work();
  } finally {
    finished.abort();
  }
}

type HeartbeatTimes = { everyMs: number; finished: AbortSignal };

/** Sends heartbeats until the signal aborts. Does not wait for a slow heartbeat before it sends the next one. */
async function sendHeartbeats(
  app: AppContext,
  id: string,
  { everyMs, finished }: HeartbeatTimes,
): Promise<void> {
  for (;;) {
    await app.clock.system.sleep(everyMs, finished);
    if (finished.aborted) return;
    void sendHeartbeat(app, id);
  }
}

/** Sends one heartbeat. A failure is only logged, because the next heartbeat follows before the lease ends. */
async function sendHeartbeat(app: AppContext, id: string): Promise<void> {
  try {
    await updateRegistry(app, (registry) => recordHeartbeat(registry, id, dateNow(app.clock)));
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}
