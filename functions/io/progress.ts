import type { Crawl } from "../core/crawl.ts";
import { estimateFinishMs } from "../core/estimate.ts";
import type { Progress } from "../core/progress.ts";
import { renewLease } from "../core/register.ts";
import { type Clock, dateNow } from "./clock.ts";
import { changeRegister } from "./register.ts";
import type { World } from "./world.ts";

type Point = { crawl: Crawl; waitSeconds: number };

/** A sign of life, for who follows the crawl and who waits for it. False when it is no longer this export's. */
export async function tellProgress(
  world: World,
  id: string,
  { crawl, waitSeconds }: Point,
): Promise<boolean> {
  const { clock } = world;
  const progress = describeProgress(crawl, waitSeconds, clock);
  const news = { reads: "offers", progress, limit: crawl.limit, now: dateNow(clock) } as const;
  return await changeRegister(world, (register) => renewLease(register, id, news));
}

function describeProgress(crawl: Crawl, waitSeconds: number, clock: Clock): Progress {
  const opensMs = clock.now() + waitSeconds * 1000;
  const finishMs = estimateFinishMs(crawl, opensMs);
  const tell = (ms: number) => clock.dateOf(ms).toISOString();
  return {
    pages: crawl.nextPage - 1,
    offers: crawl.offers,
    waitingUntil: waitSeconds > 0 ? tell(opensMs) : null,
    estimatedFinishAt: finishMs === null ? null : tell(finishMs),
  };
}

/** The settings of today, whatever an earlier crawl had. */
export function readPace({ config: { portal } }: Pick<World, "config">) {
  return { windowMs: portal.rateWindowMs, reserve: portal.rateReserve };
}
