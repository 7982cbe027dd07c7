import type { Crawl } from "../../core/crawl/crawl-state.ts";
import { estimateFinishMs } from "../../core/crawl/probe-page--estimate.ts";
import { type Limit, openLimit, resumeLimit } from "../../core/rate-limit/rate-limit.ts";
import type { Progress } from "../../core/basics/stored-values.ts";
import { renewLease } from "../../core/snapshot/crawl-registry.ts";
import { type Clock, dateNow } from "../../adapters/clock/clock.ts";
import { changeRegister } from "../snapshot/snapshot-store--register.ts";
import type { World } from "../context.ts";

/** How far the reading of offers has come, and what it knows of the limit. */
export type Point = { progress: Progress; limit: Limit };

/** A sign of life, for who follows the reading and who waits for it. False when it is no longer this export's. */
export async function tellProgress(world: World, id: string, { progress, limit }: Point): Promise<boolean> {
  const news = { reads: "offers", progress, limit, now: dateNow(world.clock) } as const;
  return await changeRegister(world, (register) => renewLease(register, id, news));
}

export function describeCrawl(crawl: Crawl, waitSeconds: number, clock: Clock): Point {
  const { nextPage, offers, limit } = crawl;
  const opensMs = clock.now() + waitSeconds * 1000;
  const reading = { pages: nextPage - 1, offers, waitSeconds };
  return { progress: describeReading(reading, estimateFinishMs(crawl, opensMs), clock), limit };
}

type Refresh = { requests: number; offers: number; limit: Limit; waitSeconds: number };

/** What a refresh has read; most of one is done in one window. */
export function describeRefresh({ requests, offers, limit, waitSeconds }: Refresh, clock: Clock): Point {
  const finishMs = clock.now() + waitSeconds * 1000;
  return { progress: describeReading({ pages: requests, offers, waitSeconds }, finishMs, clock), limit };
}

type Reading = Pick<Progress, "pages" | "offers"> & { waitSeconds: number };

/** `finishMs` is when the reading will be done, if anybody knows. */
export function describeReading(
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
export function recallLimit(world: Pick<World, "config" | "clock">, known: Limit | null): Limit {
  const pace = readPace(world);
  return known === null ? openLimit(pace) : resumeLimit(known, pace, world.clock.now());
}

/** The settings of today, whatever an earlier crawl had. */
export function readPace({ config: { portal } }: Pick<World, "config">) {
  return { windowMs: portal.rateWindowMs, reserve: portal.rateReserve };
}
