import type { Timer } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { type CrawlPoint, saveProgress } from "./crawl-progress.ts";
import type { AppContext } from "../context.ts";

/** A shorter one is over before anybody has read of it. */
const leastWaitMs = 3_000;

/**
 * A clock for who reads a window: it tells of the waits in the midst of it, once however many requests wait
 * together. `settle` before anything else is told of the crawl, or an earlier word may come last: it tells of a pause
 * that the portal has asked for and nobody has waited for, however the window ends.
 */
export function reportWaits(
  world: AppContext,
  id: string,
  describe: (waitSeconds: number) => CrawlPoint,
): { clock: Timer; settle: () => Promise<void> } {
  const { clock } = world;
  let toldUntilMs = -Infinity;
  let telling = Promise.resolve();

  function tell(waitMs: number): void {
    const untilMs = clock.now() + waitMs;
    if (waitMs < leastWaitMs || untilMs < toldUntilMs + leastWaitMs) return;
    toldUntilMs = untilMs;
    const point = describe(Math.ceil(waitMs / 1000));
    telling = telling.then(() => tellWait(world, id, point));
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
async function tellWait(world: AppContext, id: string, point: CrawlPoint): Promise<void> {
  try {
    await saveProgress(world, id, point);
  } catch (error) {
    await logFault(error, { exportId: id });
  }
}
