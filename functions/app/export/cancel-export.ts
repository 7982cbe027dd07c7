import { dateNow } from "../../adapters/clock/clock.ts";
import { deliveriesKey, exportKey, filePrefix, snapshotPrefix } from "../../core/basics/bucket-keys.ts";
import { Deliveries } from "../../core/delivery/delivery-state.ts";
import {
  cancelledProblem,
  ExportState,
  failExport,
  isFinished,
  markDeleted,
} from "../../core/export/export-state.ts";
import { omitFigures } from "../../core/export/shown-export.ts";
import { findLease } from "../../core/snapshot/crawl-registry.ts";
import type { StateStore } from "../context.ts";
import { forgetSnapshot, readRegistry } from "../snapshot/snapshot-store.ts";
import { listExports } from "./export-store.ts";

/**
 * Cancels the export if it has not finished. The workflow stops at its next step, unless another export waits for this
 * export's crawl. Removes the export's file, figures and recipients, and also its snapshot if no other export needs the
 * snapshot. Idempotent.
 */
export async function cancelExport(store: StateStore, state: ExportState): Promise<void> {
  const { id, progress } = state;
  const { bucket, clock } = store;
  const changed = await bucket.update(exportKey(id), ExportState, (before) => {
    const cancel = (running: ExportState) =>
      failExport({ ...running, progress }, cancelledProblem, dateNow(clock));
    const after = before && markDeleted(isFinished(before) ? omitFigures(before) : cancel(before));
    return { after, answer: after };
  });
  await removeMails(store, id);
  await bucket.removeAll(filePrefix(id));
  const { snapshotId } = (changed ?? state).run;
  if (snapshotId === null || findLease(await readRegistry(store), snapshotId) !== null) return;
  await forgetSnapshot(store, snapshotId);
  if (!(await isFollowed(store, id, snapshotId))) await bucket.removeAll(snapshotPrefix(snapshotId));
}

/**
 * Removes the export's mail deliveries, and with them the recipients' addresses. The states of the webhooks stay, so
 * that a webhook that was delivered is not sent again.
 */
export async function removeMails({ bucket }: StateStore, id: string): Promise<void> {
  await bucket.update(deliveriesKey(id), Deliveries, (before) => {
    const rest = before?.filter(({ kind }) => kind !== "mail") ?? [];
    return { after: rest.length === (before?.length ?? 0) ? null : rest, answer: null };
  });
}

/** Returns true when another unfinished export uses the snapshot. */
async function isFollowed(store: StateStore, id: string, snapshotId: string): Promise<boolean> {
  const others = await listExports(store);
  return others.some((other) => other.id !== id && !isFinished(other) && other.run.snapshotId === snapshotId);
}
