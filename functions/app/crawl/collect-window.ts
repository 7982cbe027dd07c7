import { type Crawl, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { requestsDue } from "../../core/crawl/probe-page.ts";
import type { StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import { assertOpens, distrustLimit, heedPause, waitForWindow } from "../../core/rate-limit/rate-limit.ts";
import { admit } from "./next-action--admission.ts";
import { attemptWindow } from "./collect-window--attempt.ts";
import { type Attempt, runAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import type { Clock } from "../../adapters/clock/clock.ts";
import { describeCrawl, recallLimit, tellProgress } from "./crawl-progress.ts";
import { keepPulse } from "./crawl-progress--pulse.ts";
import { openReader, spendRequests } from "../../adapters/portal/offer-reader.ts";
import { keepPart } from "../snapshot/snapshot-store.ts";
import { watchWaits } from "./crawl-progress--wait.ts";
import type { World } from "../context.ts";

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
