import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import type { Clock } from "../../adapters/clock/clock.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import {
  openOfferReader,
  type PortalOfferReader,
  recordSpentRequests,
} from "../../adapters/portal/offer-reader.ts";
import { isTransientPortalError } from "../../adapters/portal/portal-errors.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { type CrawlState, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { countRequestsDue } from "../../core/crawl/probe-page.ts";
import { interruptWindow, pauseCrawl, readWindow, type WindowResult } from "../../core/crawl/read-window.ts";
import { assertOpensSoon, waitForWindow } from "../../core/rate-limit/request-permits.ts";
import type { StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { keepPart } from "../snapshot/snapshot-store.ts";
import {
  describeCrawlProgress,
  keepHeartbeat,
  recallWindowLimit,
  reportWaits,
  saveProgress,
} from "./crawl-progress.ts";
import { fenceCrawl } from "./next-action.ts";

/**
 * `window` is the index of the window to read, counted from 1. `begun` is the crawl's state after the previous window.
 */
type CollectTask = { id: string; begun: CrawlState; window: number };

/** `part` is the part of the snapshot that holds the window's offers; null when no offers were read. */
export type CollectedWindow = { crawl: CrawlState; waitSeconds: number; part: StoredPart | null };

/**
 * Reads the pages of one window of the rate limit, and writes their offers as the next part of the snapshot. Returns
 * null and leaves no object when the export has lost its lease, or when the export is cancelled and no other export
 * waits for the snapshot.
 */
export async function collectWindow(app: AppContext, task: CollectTask): Promise<CollectedWindow | null> {
  return await runStepAttempt(app, (attempt) => collect(app, task, attempt));
}

async function collect(
  app: AppContext,
  { id, begun: given, window }: CollectTask,
  attempt: StepAttempt,
): Promise<CollectedWindow | null> {
  const { portal, clock, random } = app;
  const admission = await fenceCrawl(app, id, window);
  if (admission === null) return null;
  const startedMs = given.startedMs ?? Date.parse(admission.startedAt);
  const before: CrawlState = { ...resumeCrawl(given), startedMs };
  const limit = recallWindowLimit(app, before.limit, admission);
  const waits = reportWaits(app, id, (seconds) =>
    describeCrawlProgress(countPagesRead(recordSpentRequests(before, reader), reader), seconds, clock),
  );
  const { evidence } = admission;
  const hasWorked = before.hasWorked ?? before.parts > 0;
  const reader = openOfferReader(portal, waits.clock, { limit, evidence, hasWorked, random });
  const { crawl, pages, pauseMs } = await keepHeartbeat(app, id, () =>
    waits.during(() => attemptWindow(before, reader)),
  );
  const part = pages.length > 0 ? await keepPart(attempt, { id, number: crawl.parts }, pages) : null;
  const waitSeconds = crawl.done ? 0 : findWaitSeconds(crawl, pauseMs, clock);
  const isHeld = await saveProgress(app, id, describeCrawlProgress(crawl, waitSeconds, clock));
  return isHeld ? { crawl, waitSeconds, part } : null;
}

/**
 * Returns the crawl with the pages that the window has read so far, for the progress during a wait in the window. Only
 * the end of the window proves which of these pages count.
 */
function countPagesRead(crawl: CrawlState, reader: PortalOfferReader): CrawlState {
  const read = [...reader.pageSizes()].filter(([number, size]) => number >= crawl.nextPage && size > 0);
  const offers = read.reduce((sum, [, size]) => sum + size, crawl.offers);
  return { ...crawl, nextPage: crawl.nextPage + read.length, offers };
}

function findWaitSeconds(crawl: CrawlState, pauseMs: number, clock: Clock): number {
  const waitMs = Math.max(pauseMs, waitForWindow(crawl.limit, clock.now(), countRequestsDue(crawl)));
  assertOpensSoon(waitMs);
  return Math.ceil(waitMs / 1000);
}

/**
 * Reads one window, and counts its requests. Returns no pages when the rate limit ended the window early, or when the
 * portal became unavailable after it had worked. In the second case, the crawl continues after `pauseMs`. Throws at the
 * fifth such window in a row, and after any other error.
 */
export async function attemptWindow(
  before: CrawlState,
  reader: PortalOfferReader,
): Promise<WindowResult & { pauseMs: number }> {
  const countSpent = (crawl: CrawlState) => recordSpentRequests(crawl, reader);
  try {
    const { crawl, pages } = await readWindow(before, reader);
    return { crawl: countSpent({ ...crawl, brokenWindows: 0 }), pages, pauseMs: 0 };
  } catch (error) {
    if (error instanceof WindowBroken)
      return { crawl: interruptWindow(countSpent(before)), pages: [], pauseMs: 0 };
    if (!isTransientPortalError(error)) throw error;
    const paused = pauseCrawl(countSpent(before));
    if (paused === null) throw addPauses(error, before);
    return { ...paused, pages: [] };
  }
}

function addPauses({ code, detail, remedy, cause }: ExportError, { brokenWindows }: CrawlState): ExportError {
  const before = brokenWindows === 1 ? "The window before had" : `The ${brokenWindows} windows before had`;
  const fullDetail =
    brokenWindows === 0 ? detail : `${detail} ${before} brought nothing either, pauses between them.`;
  return new ExportError("portal", code, fullDetail, { cause, ...(remedy !== null && { remedy }) });
}
