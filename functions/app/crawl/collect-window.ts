import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import type { Clock } from "../../adapters/clock/clock.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import {
  openOfferReader,
  type PortalOfferReader,
  recordSpentRequests,
} from "../../adapters/portal/offer-reader.ts";
import { mayPass } from "../../adapters/portal/response-errors.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { type CrawlState, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { countRequestsDue } from "../../core/crawl/probe-page.ts";
import { interruptWindow, pauseCrawl, readWindow, type WindowResult } from "../../core/crawl/read-window.ts";
import { assertOpensSoon, distrustRateLimit, heedPause } from "../../core/rate-limit/rate-limit.ts";
import { waitForWindow } from "../../core/rate-limit/request-permits.ts";
import type { StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { keepPart } from "../snapshot/snapshot-store.ts";
import {
  describeCrawlProgress,
  keepHeartbeat,
  recallRateLimit,
  reportWaits,
  saveProgress,
} from "./crawl-progress.ts";
import { fenceCrawl } from "./next-action.ts";

export type CollectTask = { id: string; begun: CrawlState; window: number };

/** `part` is what the window has written, if anything. */
export type CollectedWindow = { crawl: CrawlState; waitSeconds: number; part: StoredPart | null };

/**
 * Reads one window of pages into the snapshot's next part, under a key of this attempt. Null when the crawl is no
 * longer this export's, or nobody wants it any more: nothing of the attempt stays then, however late it writes.
 */
export async function collectWindow(app: AppContext, task: CollectTask): Promise<CollectedWindow | null> {
  return await runStepAttempt(app.bucket, (attempt) => collect(app, task, attempt));
}

async function collect(
  app: AppContext,
  { id, begun: given, window }: CollectTask,
  attempt: StepAttempt,
): Promise<CollectedWindow | null> {
  const { portal, clock } = app;
  const admission = await fenceCrawl(app, id, window);
  if (admission === null) return null;
  const startedMs = given.startedMs ?? Date.parse(admission.startedAt);
  const begun: CrawlState = { ...resumeCrawl(given), startedMs };
  const known = heedPause(recallRateLimit(app, begun.limit), admission.closedUntilMs, clock.now());
  const limit = admission.isRepeated ? distrustRateLimit(known) : known;
  const waits = reportWaits(app, id, (seconds) =>
    describeCrawlProgress(recordSpentRequests(begun, reader), seconds, clock),
  );
  const { evidence } = admission;
  const hasWorked = begun.hasWorked ?? begun.parts > 0;
  const reader = openOfferReader(portal, waits.clock, { limit, evidence, hasWorked });
  const { crawl, pages, pauseMs } = await keepHeartbeat(app, id, async () => {
    try {
      return await attemptWindow(begun, reader);
    } finally {
      await waits.settle();
    }
  });
  const part = pages.length > 0 ? await keepPart(attempt, { id, number: crawl.parts }, pages) : null;
  const waitSeconds = crawl.done ? 0 : findWaitSeconds(crawl, pauseMs, clock);
  const isHeld = await saveProgress(app, id, describeCrawlProgress(crawl, waitSeconds, clock));
  return isHeld ? { crawl, waitSeconds, part } : null;
}

function findWaitSeconds(crawl: CrawlState, pauseMs: number, clock: Clock): number {
  const waitMs = Math.max(pauseMs, waitForWindow(crawl.limit, clock.now(), countRequestsDue(crawl)));
  assertOpensSoon(waitMs);
  return Math.ceil(waitMs / 1000);
}

/**
 * A window that the rate limit breaks off brings nothing; what it has spent counts all the same. Nor does
 * one whose portal is away, or answered for, after it has worked: the crawl is not given up for some minutes.
 * `pauseMs` is how long to let the portal be.
 */
export async function attemptWindow(
  begun: CrawlState,
  reader: PortalOfferReader,
): Promise<WindowResult & { pauseMs: number }> {
  const spend = (crawl: CrawlState) => recordSpentRequests(crawl, reader);
  try {
    const { crawl, pages } = await readWindow(begun, reader);
    return { crawl: spend({ ...crawl, brokenWindows: 0 }), pages, pauseMs: 0 };
  } catch (error) {
    if (error instanceof WindowBroken) return { crawl: interruptWindow(spend(begun)), pages: [], pauseMs: 0 };
    if (!mayPass(error)) throw error;
    const paused = pauseCrawl(spend(begun));
    if (paused === null) throw addPauses(error, begun);
    return { ...paused, pages: [] };
  }
}

function addPauses({ code, detail, remedy, cause }: ExportError, { brokenWindows }: CrawlState): ExportError {
  const before = brokenWindows === 1 ? "The window before had" : `The ${brokenWindows} windows before had`;
  const told =
    brokenWindows === 0 ? detail : `${detail} ${before} brought nothing either, pauses between them.`;
  return new ExportError("portal", code, told, { cause, ...(remedy !== null && { remedy }) });
}
