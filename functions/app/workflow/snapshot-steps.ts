import type { DurableSteps } from "../../adapters/workflow/durable-steps.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { beginCrawl, type CrawlState, repeatCrawl } from "../../core/crawl/crawl-state.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import type { NextAction } from "../../core/snapshot/crawl-registry.ts";
import type { StoredObject, StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import { isResumable, restartCrawl } from "../../core/snapshot/unfinished-crawl.ts";
import type { AppContext } from "../context.ts";
import { commitSnapshot } from "../crawl/commit-snapshot.ts";
import { readRateSettings } from "../crawl/crawl-progress.ts";
import { type CollectedWindow, collectWindow } from "../crawl/crawl-window.ts";
import { type ResolvedMissing, resolveMissing, verifyCrawl } from "../crawl/missing-offers.ts";
import { findNextAction } from "../crawl/next-action.ts";
import { keepUnfinished, resumeUnfinished } from "../crawl/resume-crawl.ts";
import { commitRefresh } from "../refresh/refresh-store.ts";
import { newRefreshRun, type RefreshRun, refreshWindow } from "../refresh/refresh-window.ts";

/**
 * Returns the id of a snapshot that is fresh enough; null when the export was cancelled. Uses an existing snapshot,
 * waits for the snapshot that another export is making, or reads the offers from the portal.
 */
export async function obtainSnapshot(
  steps: DurableSteps,
  app: AppContext,
  id: string,
): Promise<string | null> {
  let joinedId: string | null = null;
  let isFirst = true;
  for (let number = 1; ; number += 1) {
    const action = await steps.step(`turn-${number}`, () => findNextAction(app, id, joinedId));
    if (action === null) return null;
    if (action.kind === "use") return action.snapshotId;
    if (action.kind === "wait") {
      joinedId = action.snapshotId ?? joinedId;
      await steps.wait(`joined-${number}`, action.seconds);
      continue;
    }
    await readPortal(steps, app, { id, number, action, isFirst });
    isFirst = false;
  }
}

/**
 * `number` is the index of the step that chose the action, counted from 1. The names of the following steps contain it.
 */
type Reading = {
  id: string;
  number: number;
  action: Extract<NextAction, { kind: "crawl" }>;
  isFirst: boolean;
};

/**
 * Refreshes the base snapshot. Crawls when there is no base snapshot, or when the refresh cannot make the new snapshot.
 */
async function readPortal(
  steps: DurableSteps,
  app: AppContext,
  { id, number, action, isFirst }: Reading,
): Promise<void> {
  const { expectedPages, baseId, resumeId, limit } = action;
  const refreshed = await refreshSnapshot(steps, app, { id, number, baseId, limit });
  if (refreshed === null) return;
  const { windows: window, broken: _, ...known } = refreshed;
  const begun = beginCrawl({ ...readRateSettings(app), expectedPages, ...known });
  const resumed =
    isFirst && resumeId != null
      ? await steps.step(`resume-${number}`, () => resumeUnfinished(app, { id, window, begun, resumeId }))
      : null;
  const start = resumed ?? { begun, stored: [], awaySince: null };
  await crawlSnapshot(steps, app, {
    id,
    number,
    window,
    crawl: start.begun,
    stored: [...start.stored],
    awaySince: start.awaySince,
    keeps: resumeId !== undefined,
  });
}

type Refresh = { id: string; number: number; baseId: string | null; limit: RateLimit | null };

/**
 * Refreshes the base snapshot, with one step for each window of the rate limit. Returns null when the refresh has made
 * the new snapshot, or when the export has lost its lease or was cancelled. Otherwise a crawl must follow, and
 * `windows` is the number of windows that the refresh has used.
 */
async function refreshSnapshot(
  steps: DurableSteps,
  app: AppContext,
  { id, number, baseId, limit }: Refresh,
): Promise<(RefreshRun & { windows: number }) | null> {
  let run = newRefreshRun(limit);
  const observations: (StoredObject | null)[] = [];
  if (baseId === null) return { ...run, windows: 0 };
  for (let window = 1; ; window += 1) {
    const task = { id, baseId, window, begun: run, observations: [...observations] };
    const refreshed = await steps.step(`refresh-${number}-${window}`, () => refreshWindow(app, task));
    if (refreshed === null || refreshed.kind === "sealed") return null;
    run = refreshed.refreshing;
    if (refreshed.kind === "crawl") return { ...run, windows: window };
    if (refreshed.kind === "renewed") {
      const { refusals } = run;
      const { renewed } = refreshed;
      await steps.step(`seal-${number}`, () => commitRefresh(app, { id, window, refusals, renewed }));
      return null;
    }
    observations.push(refreshed.sights ?? null);
    if (refreshed.waitSeconds > 0) await steps.wait(`refreshing-${number}-${window}`, refreshed.waitSeconds);
  }
}

type CrawlTask = {
  id: string;
  number: number;
  crawl: CrawlState;
  /**
   * The number of windows that the export has begun with its present lease. The windows of a refresh before the crawl
   * count, too.
   */
  window: number;
  /**
   * The parts of the snapshot that have been written so far, including the parts of a resumed crawl. Each later step
   * adds the part that it writes.
   */
  stored: StoredPart[];
  /**
   * The time at which the resumed crawl failed because of the portal. Null for a new crawl, and as soon as a window has
   * been read.
   */
  awaySince: string | null;
  /**
   * True when the crawl must be stored for the next export if it fails. False when an earlier version of this program
   * began the export, because that export's history has no step that stores the crawl.
   */
  keeps: boolean;
};

/**
 * Reads the portal's whole list of offers into a snapshot. Makes no snapshot when the export has lost its lease or was
 * cancelled.
 */
async function crawlSnapshot(steps: DurableSteps, app: AppContext, task: CrawlTask): Promise<void> {
  const { id, number, stored } = task;
  let read = await readList(steps, app, task, `${number}`);
  if (read?.isLost) {
    const again = { ...task, crawl: repeatCrawl(read.crawl), window: read.window, awaySince: null };
    read = await readList(steps, app, again, `${number}-again`);
  }
  if (read === null) return;
  const { crawl, window } = read;
  await steps.step(`seal-${number}`, () => commitSnapshot(app, { id, crawl, window, stored }));
}

/** `isLost` is true when the crawl has missed offers and must be repeated. */
type ListRead = { crawl: CrawlState; window: number; isLost: boolean };

/**
 * Reads the list of offers to its end, and then looks for missing offers. Returns null when the export has lost its
 * lease or was cancelled.
 */
async function readList(
  steps: DurableSteps,
  app: AppContext,
  task: CrawlTask,
  suffix: string,
): Promise<ListRead | null> {
  const read = await readWindows(steps, app, task);
  if (read === null) return null;
  const found = await findMissing(steps, app, { ...task, crawl: read.crawl, suffix });
  return { ...found, window: read.window };
}

/** Reads the windows of the crawl, each in a step. No function runs while the workflow waits for the next window. */
async function readWindows(
  steps: DurableSteps,
  app: AppContext,
  task: CrawlTask,
): Promise<{ crawl: CrawlState; window: number } | null> {
  const { number, stored } = task;
  let { crawl, window, awaySince } = task;
  let isResumed = awaySince !== null;
  while (!crawl.done) {
    window += 1;
    const collected = await readWindow(steps, app, { ...task, crawl, window, awaySince });
    if (collected === null) return null;
    crawl = collected.crawl;
    if (crawl.brokenWindows === 0) awaySince = null;
    if (isResumed && crawl.doubts.length > 0) {
      crawl = restartCrawl(crawl);
      isResumed = false;
    }
    addPart(stored, collected.part);
    if (collected.waitSeconds > 0) await steps.wait(`reopening-${number}-${window}`, collected.waitSeconds);
  }
  return { crawl, window };
}

function addPart(stored: StoredPart[], part: StoredPart | null | undefined): void {
  if (part) stored.push(part);
}

/**
 * Reads one window in a step. When the portal fails, stores the crawl's state after the earlier windows, so that the
 * next export can resume the crawl.
 */
async function readWindow(
  steps: DurableSteps,
  app: AppContext,
  { id, number, window, crawl, stored, awaySince, keeps }: CrawlTask,
): Promise<CollectedWindow | null> {
  try {
    const task = { id, begun: crawl, window };
    return await steps.step(`window-${number}-${window}`, () => collectWindow(app, task));
  } catch (error) {
    const isPortal = error instanceof ExportError && error.kind === "portal";
    if (isPortal && keeps && isResumable(crawl)) {
      const failing = { id, crawl, stored: [...stored], awaySince };
      // The export fails with the portal's error, even if the step that stores the crawl fails, too.
      await steps.step(`keep-${number}`, () => keepUnfinished(app, failing)).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Verifies the crawl in one step. Then requests missing offers from the portal, with one step for each window of the
 * rate limit.
 */
async function findMissing(
  steps: DurableSteps,
  app: AppContext,
  { id, crawl, stored, suffix }: CrawlTask & { suffix: string },
): Promise<{ crawl: CrawlState; isLost: boolean }> {
  let verified = await steps.step(`verify-${suffix}`, () => verifyCrawl(app, { id, crawl, stored }));
  for (let round = 1; verified.missing.length > 0; round += 1) {
    const question = { id, ...verified };
    const resolved: ResolvedMissing = await steps.step(`settle-${suffix}-${round}`, () =>
      resolveMissing(app, question),
    );
    if (resolved.waitSeconds > 0) await steps.wait(`settling-${suffix}-${round}`, resolved.waitSeconds);
    verified = resolved;
    addPart(stored, resolved.part);
    if (resolved.isLost) return { crawl: resolved.crawl, isLost: true };
  }
  return { crawl: verified.crawl, isLost: false };
}
