import { dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { manifestKey, snapshotPrefix } from "../../core/basics/bucket-keys.ts";
import { followSnapshot } from "../../core/export/export-state.ts";
import {
  chooseNextAction,
  dropClaim,
  type FenceResult,
  fenceWindow,
  type NextAction,
} from "../../core/snapshot/crawl-registry.ts";
import type { AppContext } from "../context.ts";
import { changeExport, readUnfinished } from "../export/export-store.ts";
import { forgetSnapshot, readRegistry, updateRegistry } from "../snapshot/snapshot-store.ts";

/** What the export does next: use a snapshot, crawl, or wait for another's reading; null when it is cancelled. */
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
  const following = { now, busyUntil, ...(action.kind === "wait" && { progress: action.progress }) };
  const followed = await changeExport(app, id, (before) => followSnapshot(before, snapshotId, following));
  if (followed === null) {
    await updateRegistry(app, (registry) => ({ after: dropClaim(registry, id, now), answer: null }));
    return null;
  }
  if (action.kind === "wait") return { ...action, seconds: toClockSeconds(app.clock, action.seconds) };
  if (action.kind === "crawl" || (await isThere(app, action.snapshotId))) return action;
  await forgetSnapshot(app, action.snapshotId);
  return await findNextAction(app, id, joinedId);
}

/** Asked after it is followed: who removes a snapshot forgets it first, and looks for followers then. */
async function isThere(app: AppContext, snapshotId: string): Promise<boolean> {
  const { snapshots } = await readRegistry(app);
  const isKnown = snapshots.some((reference) => reference.snapshotId === snapshotId);
  return isKnown && (await app.bucket.exists(manifestKey(snapshotId)));
}

/**
 * Whether the crawl may go on with that window; null when it is no longer this export's, or when the export is
 * cancelled and nobody else counts on the crawl: nothing of it stays then.
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
