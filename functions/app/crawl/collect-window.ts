import { type CrawlState, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { countRequestsDue } from "../../core/crawl/probe-page.ts";
import type { StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import { assertOpensSoon, distrustRateLimit, heedPause, waitForWindow } from "../../core/rate-limit/rate-limit.ts";
import { fenceCrawl } from "./next-action--admission.ts";
import { attemptWindow } from "./collect-window--attempt.ts";
import { type StepAttempt, runStepAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import type { Clock } from "../../adapters/clock/clock.ts";
import { describeCrawlProgress, recallRateLimit, saveProgress } from "./crawl-progress.ts";
import { keepHeartbeat } from "./crawl-progress--pulse.ts";
import { openOfferReader, recordSpentRequests } from "../../adapters/portal/offer-reader.ts";
import { keepPart } from "../snapshot/snapshot-store.ts";
import { reportWaits } from "./crawl-progress--wait.ts";
import type { AppContext } from "../context.ts";

export type CollectTask = { id: string; begun: CrawlState; window: number };

/** `part` is what the window has written, if anything. */
export type CollectedWindow = { crawl: CrawlState; waitSeconds: number; part: StoredPart | null };

/**
 * Reads one window of pages into the snapshot's next part, under a key of this attempt. Null when the crawl is no
 * longer this export's, or nobody wants it any more: nothing of the attempt stays then, however late it writes.
 */
export async function collectWindow(world: AppContext, task: CollectTask): Promise<CollectedWindow | null> {
  return await runStepAttempt(world.bucket, (attempt) => collect(world, task, attempt));
}

async function collect(
  world: AppContext,
  { id, begun: given, window }: CollectTask,
  attempt: StepAttempt,
): Promise<CollectedWindow | null> {
  const { portal, clock } = world;
  const admission = await fenceCrawl(world, id, window);
  if (admission === null) return null;
  const startedMs = given.startedMs ?? Date.parse(admission.startedAt);
  const begun: CrawlState = { ...resumeCrawl(given), startedMs };
  const known = heedPause(recallRateLimit(world, begun.limit), admission.closedUntilMs, clock.now());
  const limit = admission.isRepeated ? distrustRateLimit(known) : known;
  const waits = reportWaits(world, id, (seconds) =>
    describeCrawlProgress(recordSpentRequests(begun, reader), seconds, clock),
  );
  const { evidence } = admission;
  const hasWorked = begun.hasWorked ?? begun.parts > 0;
  const reader = openOfferReader(portal, waits.clock, { limit, evidence, hasWorked });
  const { crawl, pages, pauseMs } = await keepHeartbeat(world, id, async () => {
    try {
      return await attemptWindow(begun, reader);
    } finally {
      await waits.settle();
    }
  });
  const part = pages.length > 0 ? await keepPart(attempt, { id, number: crawl.parts }, pages) : null;
  const waitSeconds = crawl.done ? 0 : findWaitSeconds(crawl, pauseMs, clock);
  const isHeld = await saveProgress(world, id, describeCrawlProgress(crawl, waitSeconds, clock));
  return isHeld ? { crawl, waitSeconds, part } : null;
}

function findWaitSeconds(crawl: CrawlState, pauseMs: number, clock: Clock): number {
  const waitMs = Math.max(pauseMs, waitForWindow(crawl.limit, clock.now(), countRequestsDue(crawl)));
  assertOpensSoon(waitMs);
  return Math.ceil(waitMs / 1000);
}
