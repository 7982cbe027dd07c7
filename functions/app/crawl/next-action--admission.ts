import { snapshotPrefix } from "../../core/basics/bucket-keys.ts";
import { type FenceResult, fenceWindow } from "../../core/snapshot/crawl-registry.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { readUnfinished } from "../export/export-store.ts";
import { updateRegistry } from "../snapshot/snapshot-store--register.ts";
import type { AppContext } from "../context.ts";

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
