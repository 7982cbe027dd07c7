import type { Base } from "../core/refresh/base.ts";
import { ExportError } from "../core/error.ts";
import { estimateCrawl } from "../core/estimate.ts";
import { followRefresh } from "../core/refresh/follow.ts";
import { sightsKey } from "../core/key.ts";
import { assertOpens, distrustLimit, type Limit, waitForWindow } from "../core/limit.ts";
import { openRefresh, type Plan } from "../core/refresh/plan.ts";
import type { Admission } from "../core/register.ts";
import type { Manifest } from "../core/snapshot.ts";
import { admit } from "./admission.ts";
import { readBase } from "./base.ts";
import { WindowBroken } from "./gate.ts";
import { describeRefresh, recallLimit, tellProgress } from "./progress.ts";
import { keepPulse } from "./pulse.ts";
import { openReader } from "./reader.ts";
import { sealRefresh } from "./renew.ts";
import { readSights, type Seen, writeSights } from "./sights.ts";
import { useSnapshot } from "./use.ts";
import { watchWaits } from "./wait.ts";
import type { World } from "./world.ts";

/** What goes from window to window; `broken` are those in a row that the rate limit broke off. */
export type Refreshing = { limit: Limit | null; requests: number; broken: number };

export const beginRefresh = (limit: Limit | null): Refreshing => ({ limit, requests: 0, broken: 0 });

type Task = { id: string; baseId: string; window: number; begun: Refreshing };

/** The next window may follow so much later; or the snapshot is there; or a crawl has to make it. */
export type Refreshed =
  | { kind: "waiting"; refreshing: Refreshing; waitSeconds: number }
  | { kind: "sealed" }
  | { kind: "crawl"; limit: Limit | null };

/**
 * Reads one window of what may have changed since the base, and makes the new snapshot once that is all. Null when
 * the reading is no longer this export's, or nobody wants it any more.
 */
export async function refreshWindow(world: World, task: Task): Promise<Refreshed | null> {
  const { id, baseId, window, begun } = task;
  const admission = await admit(world, id, window);
  if (admission === null) return null;
  try {
    return await keepPulse(world, id, () =>
      useSnapshot(world, baseId, (manifest) => readOn(world, task, { manifest, admission })),
    );
  } catch (error) {
    if (error instanceof ExportError && error.kind === "gone") return { kind: "crawl", limit: begun.limit };
    throw error;
  }
}

type Start = { manifest: Manifest; admission: Extract<Admission, { kind: "admitted" }> };

async function readOn(world: World, task: Task, start: Start): Promise<Refreshed> {
  const { id, window, begun } = task;
  const { manifest, admission } = start;
  const base = await readBase(world, manifest);
  if (base === null) return { kind: "crawl", limit: begun.limit };
  const before = await readSights(world.bucket, id, window);
  const { plan, seen, spent } = await follow(world, task, { ...start, base, before });
  if (plan.kind === "crawl") return { kind: "crawl", limit: spent.limit };
  if (plan.kind === "done") {
    const { evidence, startedAt } = admission;
    const made = { id, startedAt, evidence, requests: spent.requests, limit: spent.limit };
    await sealRefresh(world, { ...made, manifest, base, renewal: plan.renewal, seen });
    return { kind: "sealed" };
  }
  const from = before.sights.length;
  await writeSights(world.bucket, sightsKey(id, window), {
    sights: seen.sights.slice(from),
    offers: seen.offers.slice(from),
  });
  const due = plan.pages.length + plan.ids.length;
  const waitMs = waitForWindow(spent.limit, world.clock.now(), due);
  assertOpens(waitMs);
  const waitSeconds = Math.ceil(waitMs / 1000);
  await tellProgress(
    world,
    id,
    describeRefresh({ ...spent, offers: countOffers(seen), waitSeconds }, world.clock),
  );
  return { kind: "waiting", refreshing: spent, waitSeconds };
}

/** Pages of settled offers that each refresh reads again. */
const rotationPages = 10;

type Next = Exclude<Plan, { kind: "crawl" }> | { kind: "crawl" };

type Followed = { plan: Next; seen: Seen; spent: Refreshing & { limit: Limit } };

async function follow(
  world: World,
  { id, begun }: Task,
  { manifest, admission, base, before }: Start & { base: Base; before: Seen },
): Promise<Followed> {
  const known = recallLimit(world, begun.limit);
  const limit = admission.isRepeated ? distrustLimit(known) : known;
  const spend = (broken: number) => ({
    limit: reader.limit(),
    requests: begun.requests + reader.requests(),
    broken,
  });
  const waits = watchWaits(world, id, (waitSeconds) =>
    describeRefresh({ ...spend(0), offers: countOffers(before), waitSeconds }, world.clock),
  );
  const reader = openReader(world.portal, waits.clock, { limit, evidence: admission.evidence });
  const refresh = openRefresh(base, { rotationPages, mostRequests: estimateCrawl(manifest.pages, limit) });
  try {
    const { plan, sights, offers } = await followRefresh(refresh, before.sights, reader);
    return { plan, seen: { sights, offers: [...before.offers, ...offers] }, spent: spend(0) };
  } catch (error) {
    const spent = spend(begun.broken + 1);
    return { plan: explain(error, spent.broken), seen: before, spent };
  } finally {
    await waits.settle();
  }
}

const mostBroken = 3;

/** A window that the rate limit breaks off brings nothing; what else the portal did, a crawl meets again, and tells. */
function explain(error: unknown, broken: number): Next {
  if (error instanceof WindowBroken && broken < mostBroken) return { kind: "read", pages: [1], ids: [] };
  if (error instanceof WindowBroken || (error instanceof ExportError && error.kind === "portal"))
    return { kind: "crawl" };
  throw error;
}

function countOffers({ offers }: Seen): number {
  return offers.reduce((sum, shown) => sum + shown.length, 0);
}
