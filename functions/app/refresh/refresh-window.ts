import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import { openOfferReader } from "../../adapters/portal/offer-reader.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { estimateCrawl } from "../../core/crawl/probe-page.ts";
import {
  assertOpensSoon,
  distrustRateLimit,
  heedPause,
  type RateLimit,
} from "../../core/rate-limit/rate-limit.ts";
import { waitForWindow } from "../../core/rate-limit/request-permits.ts";
import type { Baseline } from "../../core/refresh/baseline.ts";
import {
  type Observed,
  openRefreshPlan,
  readRefresh,
  type RefreshPlan,
} from "../../core/refresh/refresh-plan.ts";
import type { FenceResult } from "../../core/snapshot/crawl-registry.ts";
import type { SnapshotManifest, StoredObject } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import {
  type CrawlPoint,
  describeRefreshProgress,
  keepHeartbeat,
  recallRateLimit,
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

/** What goes from window to window; `broken` are those in a row that the rate limit broke off. */
export type RefreshRun = {
  limit: RateLimit | null;
  requests: number;
  refusals: number;
  broken: number;
  /** Whether the portal has given what it was asked for; a refresh that an earlier version began lacks it. */
  hasWorked?: boolean;
};

export function newRefreshRun(limit: RateLimit | null): RefreshRun {
  return { limit, requests: 0, refusals: 0, broken: 0 };
}

/** `sights` are what the windows before have stored, by their number. */
type Task = {
  id: string;
  baseId: string;
  window: number;
  begun: RefreshRun;
  observations?: (StoredObject | null)[];
};

/**
 * The next window may follow so much later; or the snapshot's offers are written, and it is to be sealed; or a crawl
 * has to make it. The version before has sealed it in this step.
 */
export type RefreshOutcome =
  | { kind: "waiting"; refreshing: RefreshRun; waitSeconds: number; sights?: StoredObject }
  | { kind: "renewed"; refreshing: RefreshRun; renewed: WrittenDelta }
  | { kind: "sealed" }
  | { kind: "crawl"; refreshing: RefreshRun };

/**
 * Reads one window of what may have changed since the base, and writes the new snapshot's offers once that is all.
 * Null when the reading is no longer this export's, or nobody wants it any more: nothing of the attempt stays then.
 */
export async function refreshWindow(app: AppContext, task: Task): Promise<RefreshOutcome | null> {
  return await runStepAttempt(app.bucket, (attempt) => readWindow(app, task, attempt));
}

async function readWindow(app: AppContext, task: Task, attempt: StepAttempt): Promise<RefreshOutcome | null> {
  const { id, baseId, window, begun, observations = [] } = task;
  const admission = await fenceCrawl(app, id, window);
  if (admission === null) return null;
  let spent = begun;
  const note = (refreshing: RefreshRun) => void (spent = refreshing);
  try {
    const seen = await readObservations(app.bucket, { id, window, stored: observations });
    return await keepHeartbeat(app, id, () =>
      withSnapshot(app, baseId, (manifest) =>
        readOn(app, task, { manifest, seen, admission, attempt, note }),
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
  /** What the window has spent counts, also where the base turns out to be gone after it. */
  note: (spent: RefreshRun) => void;
};

async function readOn(app: AppContext, task: Task, start: Start): Promise<RefreshOutcome | null> {
  const { id, begun } = task;
  const { manifest, seen, attempt } = start;
  const marked = await readTouchedOffers(app, manifest.startedAt);
  if (marked === null) return { kind: "crawl", refreshing: begun };
  const base = await readBaseline(app, manifest);
  if (base === null) return { kind: "crawl", refreshing: begun };
  const from = seen.observations.length;
  const { plan, spent } = await follow(app, task, { ...start, base, marked });
  start.note(spent);
  if (plan.kind === "crawl") return { kind: "crawl", refreshing: spent };
  if (plan.kind === "done") {
    const { evidence } = start.admission;
    const renewing = { id, evidence, ...spent, manifest, base, delta: plan.delta, seen };
    const renewed = await writeDelta(app, renewing, attempt);
    const isHeld = await saveProgress(app, id, describeReach({ seen, spent, waitSeconds: 0 }, app));
    return isHeld ? { kind: "renewed", refreshing: spent, renewed } : null;
  }
  const stored = await writeObservations(attempt, task, { ...seen, from });
  const waitMs = waitForWindow(spent.limit, app.clock.now(), plan.pages.length + plan.ids.length);
  assertOpensSoon(waitMs);
  const waitSeconds = Math.ceil(waitMs / 1000);
  const isHeld = await saveProgress(app, id, describeReach({ seen, spent, waitSeconds }, app));
  return isHeld ? { kind: "waiting", refreshing: spent, waitSeconds, sights: stored } : null;
}

/** Pages of settled offers that each refresh reads again. */
const rotationPages = 10;

type Spent = RefreshRun & { limit: RateLimit };

async function follow(
  app: AppContext,
  { id, begun }: Task,
  { manifest, admission, base, marked, seen }: Start & { base: Baseline; marked: string[] },
): Promise<{ plan: RefreshPlan | LeftToCrawl; spent: Spent }> {
  const known = heedPause(recallRateLimit(app, begun.limit), admission.closedUntilMs, app.clock.now());
  const limit = admission.isRepeated ? distrustRateLimit(known) : known;
  const waits = reportWaits(app, id, (waitSeconds) =>
    describeReach({ seen, spent: spend(0), waitSeconds }, app),
  );
  const { evidence } = admission;
  const { hasWorked = false } = begun;
  const reader = openOfferReader(app.portal, waits.clock, { limit, evidence, hasWorked });
  const spend = (broken: number): Spent => {
    const requests = begun.requests + reader.requests();
    const refusals = begun.refusals + reader.refusals();
    return { limit: reader.limit(), requests, refusals, broken, hasWorked: reader.hasWorked() };
  };
  const maxRequests = estimateCrawl(manifest.pages, limit);
  const refresh = openRefreshPlan(base, { rotationPages, maxRequests, marked });
  try {
    return { plan: await readRefresh(refresh, seen, reader), spent: spend(0) };
  } catch (error) {
    const spent = spend(begun.broken + 1);
    return { plan: explain(error, spent.broken) ?? refresh(seen.observations), spent };
  } finally {
    await waits.settle();
  }
}

type LeftToCrawl = { kind: "crawl" };

const maxBroken = 3;

/** A window that the rate limit breaks off is gone on from; what else the portal did, a crawl meets again, and tells. */
function explain(error: unknown, broken: number): LeftToCrawl | null {
  if (error instanceof WindowBroken && broken < maxBroken) return null;
  if (error instanceof WindowBroken || (error instanceof ExportError && error.kind === "portal"))
    return { kind: "crawl" };
  throw error;
}

type Reach = { seen: Observed; spent: Spent; waitSeconds: number };

function describeReach({ seen, spent, waitSeconds }: Reach, { clock }: AppContext): CrawlPoint {
  const offers = seen.offers.reduce((sum, shown) => sum + shown.length, 0);
  return describeRefreshProgress({ ...spent, offers, waitSeconds }, clock);
}
