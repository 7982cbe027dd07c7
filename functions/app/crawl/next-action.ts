import { dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { manifestKey, snapshotPrefix } from "../../core/basics/bucket-keys.ts";
import { followSnapshot } from "../../core/export/export-state.ts";
import { chooseNextAction, dropClaim, type FenceResult, fenceWindow, type NextAction } from "../../core/snapshot/crawl-registry.ts";
import type { AppContext } from "../context.ts";
import { changeExport, readUnfinished } from "../export/export-store.ts";
import { forgetSnapshot, readRegistry, updateRegistry } from "../snapshot/snapshot-store.ts";

/** What the export does next: use a snapshot, crawl, or wait for another's reading; null when it is cancelled. */
export async function findNextAction(world: AppContext, id: string, joinedId: string | null): Promise<NextAction | null> {
  const now = dateNow(world.clock);
  const state = await readUnfinished(world, id);
  if (state === null) return null;
  const { evidence, freshness } = state.options;
  const { notBefore } = state.run;
  const turn = await updateRegistry(world, (register) =>
    chooseNextAction(register, { id, evidence, isFull: freshness === "full", notBefore, joinedId }, now),
  );
  const snapshotId = turn.kind === "crawl" ? id : turn.snapshotId;
  const busyMs = turn.kind === "wait" ? turn.seconds * 1000 : 0;
  const busyUntil = new Date(now.getTime() + busyMs).toISOString();
  const following = { now, busyUntil, ...(turn.kind === "wait" && { progress: turn.progress }) };
  const followed = await changeExport(world, id, (before) => followSnapshot(before, snapshotId, following));
  if (followed === null) {
    await updateRegistry(world, (register) => ({ after: dropClaim(register, id, now), answer: null }));
    return null;
  }
  if (turn.kind === "wait") return { ...turn, seconds: toClockSeconds(world.clock, turn.seconds) };
  if (turn.kind === "crawl" || (await isThere(world, turn.snapshotId))) return turn;
  await forgetSnapshot(world, turn.snapshotId);
  return await findNextAction(world, id, joinedId);
}

/** Asked after it is followed: who removes a snapshot forgets it first, and looks for followers then. */
async function isThere(world: AppContext, snapshotId: string): Promise<boolean> {
  const { snapshots } = await readRegistry(world);
  const isKnown = snapshots.some((reference) => reference.snapshotId === snapshotId);
  return isKnown && (await world.bucket.exists(manifestKey(snapshotId)));
}

/**
 * Whether the crawl may go on with that window; null when it is no longer this export's, or when the export is
 * cancelled and nobody else counts on the crawl: nothing of it stays then.
 */
export async function fenceCrawl(
  world: AppContext,
  id: string,
  window: number,
): Promise<Extract<FenceResult, { kind: "admitted" }> | null> {
  const isCancelled = (await readUnfinished(world, id)) === null;
  const entry = { id, window, isCancelled, now: dateNow(world.clock) };
  const admission = await updateRegistry(world, (register) => fenceWindow(register, entry));
  if (admission.kind === "unwanted") await world.bucket.removeAll(snapshotPrefix(id));
  return admission.kind === "admitted" ? admission : null;
}
