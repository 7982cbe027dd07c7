import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import { openOfferReader } from "../../adapters/portal/offer-reader.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { estimateCrawl } from "../../core/crawl/probe-page.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import { assertOpensSoon, waitForWindow } from "../../core/rate-limit/request-permits.ts";
import type { Baseline } from "../../core/refresh/baseline.ts";
import {
  type Observed,
  openRefreshPlan,
  readRefresh,
  type RefreshPlan,
} from "../../core/refresh/refresh-plan.ts";
import type { FenceResult } from "../../core/snapshot/lease-fencing.ts";
import type { SnapshotManifest, StoredObject } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import {
  type CrawlPoint,
  describeRefreshProgress,
  keepHeartbeat,
  recallWindowLimit,
  reportWaits,
  saveProgress,
} from "../crawl/crawl-progress.ts";
import { fenceCrawl } from "../crawl/next-action.ts";
import { readTouchedOffers, withSnapshot } from "../snapshot/snapshot-store.ts";
import {
  readBaseline,
  readObservations,
  writeDelta,
  writeObservations,
  type WrittenDelta,
} from "./refresh-store.ts";

/** The state that each window of a refresh passes to the next window. */
export type RefreshRun = {
  limit: RateLimit | null;
  requests: number;
  refusals: number;
  /** The number of windows in a row that ended early because of the rate limit. */
  broken: number;
  /**
   * True when the portal has answered a request of this export. The field is missing before the first window, and when
   * an earlier version of this program began the refresh.
   */
  hasWorked?: boolean;
};

export function newRefreshRun(limit: RateLimit | null): RefreshRun {
  return { limit, requests: 0, refusals: 0, broken: 0 };
}

type Task = {
  id: string;
  baseId: string;
  window: number;
  /** The state of the refresh after the previous window. */
  begun: RefreshRun;
  /** The stored observations of the refresh's earlier windows, in the order of the windows. */
  observations?: (StoredObject | null)[];
};

/**
 * `waiting`: the next window may start after `waitSeconds`. `renewed`: the new snapshot's offers are written, and
 * `commitRefresh` must add the snapshot to the registry. `crawl`: the refresh ends without a snapshot, and a crawl must
 * follow. `sealed`: a step of an earlier version has already added the snapshot to the registry.
 */
export type RefreshOutcome =
  | { kind: "waiting"; refreshing: RefreshRun; waitSeconds: number; sights?: StoredObject }
  | { kind: "renewed"; refreshing: RefreshRun; renewed: WrittenDelta }
  | { kind: "sealed" }
  | { kind: "crawl"; refreshing: RefreshRun };

/**
 * Reads one window of a refresh. Writes the new snapshot's offers when nothing is left to read. Returns null and leaves
 * no object when the export has lost its lease, or when the export is cancelled and no other export waits for the
 * snapshot.
 */
export async function refreshWindow(app: AppContext, task: Task): Promise<RefreshOutcome | null> {
  return await runStepAttempt(app, (attempt) => startWindow(app, task, attempt));
}

async function startWindow(
  app: AppContext,
  task: Task,
  attempt: StepAttempt,
): Promise<RefreshOutcome | null> {
  const { id, baseId, window, begun, observations = [] } = task;
  const admission = await fenceCrawl(app, id, window);
  if (admission === null) return null;
  let spent = begun;
  const note = (refreshing: RefreshRun) => void (spent = refreshing);
  try {
    const seen = await readObservations(app.bucket, { id, window, stored: observations });
    return await keepHeartbeat(app, id, () =>
      withSnapshot(app, baseId, (manifest) =>
        refresh(app, task, { manifest, seen, admission, attempt, note }),
      ),
    );
  } catch (error) {
    if (!(error instanceof ExportError) || error.kind !== "gone") throw error;
    await attempt.discard();
    return { kind: "crawl", refreshing: spent };
  }
}

type Start = {
  manifest: SnapshotManifest;
  seen: Observed;
  admission: Extract<FenceResult, { kind: "admitted" }>;
  attempt: StepAttempt;
  /**
   * Records the requests that the window has sent, so that they count even when the refresh ends because its baseline
   * was removed.
   */
  note: (spent: RefreshRun) => void;
};

async function refresh(app: AppContext, task: Task, start: Start): Promise<RefreshOutcome | null> {
  const { id, begun } = task;
  const { manifest, seen, attempt } = start;
  const touchedIds = await readTouchedOffers(app, manifest.startedAt);
  if (touchedIds === null) return { kind: "crawl", refreshing: begun };
  const baseline = await readBaseline(app, manifest);
  if (baseline === null) return { kind: "crawl", refreshing: begun };
  const from = seen.observations.length;
  const { plan, spent } = await followPlan(app, task, { ...start, baseline, touchedIds });
  start.note(spent);
  if (plan.kind === "crawl") return { kind: "crawl", refreshing: spent };
  if (plan.kind === "done") {
    const { evidence } = start.admission;
    const refreshed = { id, evidence, ...spent, manifest, baseline, delta: plan.delta, seen };
    const renewed = await writeDelta(app, refreshed, attempt);
    const isHeld = await saveProgress(app, id, describeProgress({ seen, spent, waitSeconds: 0 }, app));
    return isHeld ? { kind: "renewed", refreshing: spent, renewed } : null;
  }
  const stored = await writeObservations(attempt, task, { ...seen, from });
  const waitMs = waitForWindow(spent.limit, app.clock.now(), plan.pages.length + plan.ids.length);
  assertOpensSoon(waitMs);
  const waitSeconds = Math.ceil(waitMs / 1000);
  const isHeld = await saveProgress(app, id, describeProgress({ seen, spent, waitSeconds }, app));
  return isHeld ? { kind: "waiting", refreshing: spent, waitSeconds, sights: stored } : null;
}

/**
 * The number of pages that each refresh reads again in turn, although nothing shows a change on them. So several
 * refreshes together read every page again.
 */
const rotationPages = 10;

type Spent = RefreshRun & { limit: RateLimit };

async function followPlan(
  app: AppContext,
  { id, begun }: Task,
  { manifest, admission, baseline, touchedIds, seen }: Start & { baseline: Baseline; touchedIds: string[] },
): Promise<{ plan: RefreshPlan | LeftToCrawl; spent: Spent }> {
  const limit = recallWindowLimit(app, begun.limit, admission);
  const waits = reportWaits(app, id, (waitSeconds) =>
    describeProgress({ seen, spent: countSpent(0), waitSeconds }, app),
  );
  const { evidence } = admission;
  const { portal, random } = app;
  const { hasWorked = false } = begun;
  const reader = openOfferReader(portal, waits.clock, { limit, evidence, hasWorked, random });
  const countSpent = (broken: number): Spent => {
    const requests = begun.requests + reader.requests();
    const refusals = begun.refusals + reader.refusals();
    return { limit: reader.limit(), requests, refusals, broken, hasWorked: reader.hasWorked() };
  };
  const maxRequests = estimateCrawl(manifest.pages, limit);
  const plan = openRefreshPlan(baseline, { rotationPages, maxRequests, touchedIds });
  return await waits.during(async () => {
    try {
      return { plan: await readRefresh(plan, seen, reader), spent: countSpent(0) };
    } catch (error) {
      const spent = countSpent(begun.broken + 1);
      return { plan: leaveToCrawl(error, spent.broken) ?? plan(seen.observations), spent };
    }
  });
}

type LeftToCrawl = { kind: "crawl" };

const maxBroken = 3;

/**
 * Decides what follows an error in a window. Returns null when the rate limit ended the window early and the refresh
 * can continue. Returns `crawl` after several such windows in a row, and after any other error of the portal, so that
 * the crawl meets the error again and reports it. Rethrows an error that the portal has not caused.
 */
function leaveToCrawl(error: unknown, broken: number): LeftToCrawl | null {
  if (error instanceof WindowBroken && broken < maxBroken) return null;
  if (error instanceof WindowBroken || (error instanceof ExportError && error.kind === "portal"))
    return { kind: "crawl" };
  throw error;
}

type Reached = { seen: Observed; spent: Spent; waitSeconds: number };

function describeProgress({ seen, spent, waitSeconds }: Reached, { clock }: AppContext): CrawlPoint {
  const offers = seen.offers.reduce((sum, shown) => sum + shown.length, 0);
  return describeRefreshProgress({ ...spent, offers, waitSeconds }, clock);
}
