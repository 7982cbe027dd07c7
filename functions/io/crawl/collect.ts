import type { Crawl } from "../../core/crawl/crawl.ts";
import { requestsDue } from "../../core/crawl/far.ts";
import { partKey } from "../../core/key.ts";
import { assertOpens, distrustLimit, heedPause, waitForWindow } from "../../core/pace/limit.ts";
import { admit } from "./admission.ts";
import { attemptWindow } from "../portal/attempt.ts";
import type { Clock } from "../clock.ts";
import { describeCrawl, recallLimit, tellProgress } from "./progress.ts";
import { keepPulse } from "./pulse.ts";
import { openReader, spendRequests } from "../portal/reader.ts";
import { writePart } from "./snapshot.ts";
import { watchWaits } from "./wait.ts";
import type { World } from "../world.ts";

export type Task = { id: string; begun: Crawl; window: number };

export type Collected = { crawl: Crawl; waitSeconds: number };

/**
 * Reads one window of pages into the snapshot's next part. Run again with the same crawl it writes the same
 * key. Null when the crawl is no longer this export's, or nobody wants it any more.
 */
export async function collectWindow(world: World, { id, begun, window }: Task): Promise<Collected | null> {
  const { portal, clock, bucket } = world;
  const admission = await admit(world, id, window);
  if (admission === null) return null;
  const known = heedPause(recallLimit(world, begun.limit), admission.closedUntilMs, clock.now());
  const limit = admission.isRepeated ? distrustLimit(known) : known;
  const waits = watchWaits(world, id, (seconds) =>
    describeCrawl(spendRequests(begun, reader), seconds, clock),
  );
  const { evidence } = admission;
  const hasWorked = begun.hasWorked ?? begun.parts > 0;
  const reader = openReader(portal, waits.clock, { limit, evidence, hasWorked });
  const { crawl, pages, pauseMs } = await keepPulse(world, id, async () => {
    try {
      return await attemptWindow(begun, reader);
    } finally {
      await waits.settle();
    }
  });
  if (pages.length > 0) await writePart(bucket, partKey(id, crawl.parts), pages);
  const waitSeconds = crawl.done ? 0 : findWaitSeconds(crawl, pauseMs, clock);
  const isHeld = await tellProgress(world, id, describeCrawl(crawl, waitSeconds, clock));
  return isHeld ? { crawl, waitSeconds } : null;
}

function findWaitSeconds(crawl: Crawl, pauseMs: number, clock: Clock): number {
  const waitMs = Math.max(pauseMs, waitForWindow(crawl.limit, clock.now(), requestsDue(crawl)));
  assertOpens(waitMs);
  return Math.ceil(waitMs / 1000);
}
