import type { Base } from "../../core/refresh/baseline.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { estimateCrawl } from "../../core/crawl/probe-page--estimate.ts";
import { followRefresh, type Seen } from "../../core/refresh/refresh-plan--follow.ts";
import { assertOpens, distrustLimit, heedPause, type Limit, waitForWindow } from "../../core/rate-limit/rate-limit.ts";
import { openRefresh, type Plan } from "../../core/refresh/refresh-plan.ts";
import type { Admission } from "../../core/snapshot/crawl-registry.ts";
import type { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { Stored } from "../../core/snapshot/snapshot-manifest--stored.ts";
import { type Attempt, runAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import { admit } from "../crawl/next-action--admission.ts";
import { readBase } from "./refresh-store--base.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import { readMarked } from "../snapshot/snapshot-store--marks.ts";
import { describeRefresh, type Point, recallLimit, tellProgress } from "../crawl/crawl-progress.ts";
import { keepPulse } from "../crawl/crawl-progress--pulse.ts";
import { openReader } from "../../adapters/portal/offer-reader.ts";
import { type Renewed, writeRenewal } from "./commit-refresh.ts";
import { readSights, writeSights } from "./refresh-store.ts";
import { useSnapshot } from "../snapshot/snapshot-store--use.ts";
import { watchWaits } from "../crawl/crawl-progress--wait.ts";
import type { World } from "../context.ts";

/** What goes from window to window; `broken` are those in a row that the rate limit broke off. */
export type Refreshing = {
  limit: Limit | null;
  requests: number;
  refusals: number;
  broken: number;
  /** Whether the portal has given what it was asked for; a refresh that an earlier version began lacks it. */
  hasWorked?: boolean;
};

export function beginRefresh(limit: Limit | null): Refreshing {
  return { limit, requests: 0, refusals: 0, broken: 0 };
}

/** `sights` are what the windows before have stored, by their number. */
type Task = {
  id: string;
  baseId: string;
  window: number;
  begun: Refreshing;
  sights?: (Stored | null)[];
};

/**
 * The next window may follow so much later; or the snapshot's offers are written, and it is to be sealed; or a crawl
 * has to make it. The version before has sealed it in this step.
 */
export type Refreshed =
  | { kind: "waiting"; refreshing: Refreshing; waitSeconds: number; sights?: Stored }
  | { kind: "renewed"; refreshing: Refreshing; renewed: Renewed }
  | { kind: "sealed" }
  | { kind: "crawl"; refreshing: Refreshing };

/**
 * Reads one window of what may have changed since the base, and writes the new snapshot's offers once that is all.
 * Null when the reading is no longer this export's, or nobody wants it any more: nothing of the attempt stays then.
 */
export async function refreshWindow(world: World, task: Task): Promise<Refreshed | null> {
  return await runAttempt(world.bucket, (attempt) => readWindow(world, task, attempt));
}

async function readWindow(world: World, task: Task, attempt: Attempt): Promise<Refreshed | null> {
  const { id, baseId, window, begun, sights = [] } = task;
  const admission = await admit(world, id, window);
  if (admission === null) return null;
  let spent = begun;
  const note = (refreshing: Refreshing) => void (spent = refreshing);
  try {
    const seen = await readSights(world.bucket, { id, window, stored: sights });
    return await keepPulse(world, id, () =>
      useSnapshot(world, baseId, (manifest) =>
        readOn(world, task, { manifest, seen, admission, attempt, note }),
      ),
    );
  } catch (error) {
    if (!(error instanceof ExportError) || error.kind !== "gone") throw error;
    await attempt.discard();
    return { kind: "crawl", refreshing: spent };
  }
}

type Start = {
  manifest: Manifest;
  seen: Seen;
  admission: Extract<Admission, { kind: "admitted" }>;
  attempt: Attempt;
  /** What the window has spent counts, also where the base turns out to be gone after it. */
  note: (spent: Refreshing) => void;
};

async function readOn(world: World, task: Task, start: Start): Promise<Refreshed | null> {
  const { id, begun } = task;
  const { manifest, seen, attempt } = start;
  const marked = await readMarked(world, manifest.startedAt);
  if (marked === null) return { kind: "crawl", refreshing: begun };
  const base = await readBase(world, manifest);
  if (base === null) return { kind: "crawl", refreshing: begun };
  const from = seen.sights.length;
  const { plan, spent } = await follow(world, task, { ...start, base, marked });
  start.note(spent);
  if (plan.kind === "crawl") return { kind: "crawl", refreshing: spent };
  if (plan.kind === "done") {
    const { evidence } = start.admission;
    const renewing = { id, evidence, ...spent, manifest, base, renewal: plan.renewal, seen };
    const renewed = await writeRenewal(world, renewing, attempt);
    const isHeld = await tellProgress(world, id, describeReach({ seen, spent, waitSeconds: 0 }, world));
    return isHeld ? { kind: "renewed", refreshing: spent, renewed } : null;
  }
  const stored = await writeSights(attempt, task, { ...seen, from });
  const waitMs = waitForWindow(spent.limit, world.clock.now(), plan.pages.length + plan.ids.length);
  assertOpens(waitMs);
  const waitSeconds = Math.ceil(waitMs / 1000);
  const isHeld = await tellProgress(world, id, describeReach({ seen, spent, waitSeconds }, world));
  return isHeld ? { kind: "waiting", refreshing: spent, waitSeconds, sights: stored } : null;
}

/** Pages of settled offers that each refresh reads again. */
const rotationPages = 10;

type Spent = Refreshing & { limit: Limit };

async function follow(
  world: World,
  { id, begun }: Task,
  { manifest, admission, base, marked, seen }: Start & { base: Base; marked: string[] },
): Promise<{ plan: Plan | LeftToCrawl; spent: Spent }> {
  const known = heedPause(recallLimit(world, begun.limit), admission.closedUntilMs, world.clock.now());
  const limit = admission.isRepeated ? distrustLimit(known) : known;
  const waits = watchWaits(world, id, (waitSeconds) =>
    describeReach({ seen, spent: spend(0), waitSeconds }, world),
  );
  const { evidence } = admission;
  const { hasWorked = false } = begun;
  const reader = openReader(world.portal, waits.clock, { limit, evidence, hasWorked });
  const spend = (broken: number): Spent => {
    const requests = begun.requests + reader.requests();
    const refusals = begun.refusals + reader.refusals();
    return { limit: reader.limit(), requests, refusals, broken, hasWorked: reader.hasWorked() };
  };
  const mostRequests = estimateCrawl(manifest.pages, limit);
  const refresh = openRefresh(base, { rotationPages, mostRequests, marked });
  try {
    return { plan: await followRefresh(refresh, seen, reader), spent: spend(0) };
  } catch (error) {
    const spent = spend(begun.broken + 1);
    return { plan: explain(error, spent.broken) ?? refresh(seen.sights), spent };
  } finally {
    await waits.settle();
  }
}

type LeftToCrawl = { kind: "crawl" };

const mostBroken = 3;

/** A window that the rate limit breaks off is gone on from; what else the portal did, a crawl meets again, and tells. */
function explain(error: unknown, broken: number): LeftToCrawl | null {
  if (error instanceof WindowBroken && broken < mostBroken) return null;
  if (error instanceof WindowBroken || (error instanceof ExportError && error.kind === "portal"))
    return { kind: "crawl" };
  throw error;
}

type Reach = { seen: Seen; spent: Spent; waitSeconds: number };

function describeReach({ seen, spent, waitSeconds }: Reach, { clock }: World): Point {
  const offers = seen.offers.reduce((sum, shown) => sum + shown.length, 0);
  return describeRefresh({ ...spent, offers, waitSeconds }, clock);
}
