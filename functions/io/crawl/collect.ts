import { type Crawl, resumeCrawl } from "../../core/crawl/crawl.ts";
import { requestsDue } from "../../core/crawl/far.ts";
import type { StoredPart } from "../../core/snapshot/stored.ts";
import { assertOpens, distrustLimit, heedPause, waitForWindow } from "../../core/pace/limit.ts";
import { admit } from "./admission.ts";
import { attemptWindow } from "../portal/attempt.ts";
import { type Attempt, runAttempt } from "../bucket/step-attempt.ts";
import type { Clock } from "../clock.ts";
import { describeCrawl, recallLimit, tellProgress } from "./progress.ts";
import { keepPulse } from "./pulse.ts";
import { openReader, spendRequests } from "../portal/reader.ts";
import { keepPart } from "./snapshot.ts";
import { watchWaits } from "./wait.ts";
import type { World } from "../world.ts";

export type Task = { id: string; begun: Crawl; window: number };

/** `part` is what the window has written, if anything. */
export type Collected = { crawl: Crawl; waitSeconds: number; part: StoredPart | null };

/**
 * Reads one window of pages into the snapshot's next part, under a key of this attempt. Null when the crawl is no
 * longer this export's, or nobody wants it any more: nothing of the attempt stays then, however late it writes.
 */
export async function collectWindow(world: World, task: Task): Promise<Collected | null> {
  return await runAttempt(world.bucket, (attempt) => collect(world, task, attempt));
}

async function collect(
  world: World,
  { id, begun: given, window }: Task,
  attempt: Attempt,
): Promise<Collected | null> {
  const { portal, clock } = world;
  const admission = await admit(world, id, window);
  if (admission === null) return null;
  const startedMs = given.startedMs ?? Date.parse(admission.startedAt);
  const begun: Crawl = { ...resumeCrawl(given), startedMs };
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
  const part = pages.length > 0 ? await keepPart(attempt, { id, number: crawl.parts }, pages) : null;
  const waitSeconds = crawl.done ? 0 : findWaitSeconds(crawl, pauseMs, clock);
  const isHeld = await tellProgress(world, id, describeCrawl(crawl, waitSeconds, clock));
  return isHeld ? { crawl, waitSeconds, part } : null;
}

function findWaitSeconds(crawl: Crawl, pauseMs: number, clock: Clock): number {
  const waitMs = Math.max(pauseMs, waitForWindow(crawl.limit, clock.now(), requestsDue(crawl)));
  assertOpens(waitMs);
  return Math.ceil(waitMs / 1000);
}
