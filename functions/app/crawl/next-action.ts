import { dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { manifestKey, snapshotPrefix } from "../../core/basics/bucket-keys.ts";
import { followSnapshot } from "../../core/export/export-state.ts";
import { chooseNextAction, dropClaim, type NextAction } from "../../core/snapshot/crawl-registry.ts";
import { type FenceResult, fenceWindow } from "../../core/snapshot/lease-fencing.ts";
import type { AppContext } from "../context.ts";
import { changeExport, readUnfinished } from "../export/export-store.ts";
import { forgetSnapshot, readRegistry, updateRegistry } from "../snapshot/snapshot-store.ts";

/**
 * Decides whether the export uses a snapshot, crawls or waits for another export. Returns null when the export has been
 * cancelled.
 */
export async function findNextAction(
  app: AppContext,
  id: string,
  joinedId: string | null,
): Promise<NextAction | null> {
  const now = dateNow(app.clock);
  const state = await readUnfinished(app, id);
  if (state === null) return null;
  const { evidence, freshness } = state.options;
  const { notBefore } = state.run;
  const action = await updateRegistry(app, (registry) =>
    chooseNextAction(registry, { id, evidence, isFull: freshness === "full", notBefore, joinedId }, now),
  );
  const snapshotId = action.kind === "crawl" ? id : action.snapshotId;
  const busyMs = action.kind === "wait" ? action.seconds * 1000 : 0;
  const busyUntil = new Date(now.getTime() + busyMs).toISOString();
  const update = { now, busyUntil, ...(action.kind === "wait" && { progress: action.progress }) };
  const followed = await changeExport(app, id, (before) => followSnapshot(before, snapshotId, update));
  if (followed === null) {
    await updateRegistry(app, (registry) => ({ after: dropClaim(registry, id, now), answer: null }));
    return null;
  }
  if (action.kind === "wait") return { ...action, seconds: toClockSeconds(app.clock, action.seconds) };
  if (action.kind === "crawl" || (await hasSnapshot(app, action.snapshotId))) return action;
  await forgetSnapshot(app, action.snapshotId);
  return await findNextAction(app, id, joinedId);
}

/**
 * Returns true when the registry lists the snapshot and the snapshot's manifest exists. Call this only after the
 * export's stored state names the snapshot. A removal first drops the snapshot from the registry, and then looks for
 * exports that use the snapshot. So either the removal finds this export, or this function returns false.
 */
async function hasSnapshot(app: AppContext, snapshotId: string): Promise<boolean> {
  const { snapshots } = await readRegistry(app);
  const isKnown = snapshots.some((reference) => reference.snapshotId === snapshotId);
  return isKnown && (await app.bucket.exists(manifestKey(snapshotId)));
}

/**
 * Decides whether the crawl or refresh may begin its next window. Returns null when the export has lost its lease. Also
 * returns null when the export is cancelled and no other export waits for the snapshot, and then removes the snapshot's
 * objects.
 */
export async function fenceCrawl(
  app: AppContext,
  id: string,
  window: number,
): Promise<Extract<FenceResult, { kind: "admitted" }> | null> {
  const isCancelled = (await readUnfinished(app, id)) === null;
  const entry = { id, window, isCancelled, now: dateNow(app.clock) };
  const admission = await updateRegistry(app, (registry) => fenceWindow(registry, entry));
  if (admission.kind === "unwanted") await app.bucket.removeAll(snapshotPrefix(id));
  return admission.kind === "admitted" ? admission : null;
}
