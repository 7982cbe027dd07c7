import { manifestKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { StateStore } from "../context.ts";
import { forgetSnapshot, snapshotGoneError } from "./snapshot-store.ts";

/** Works with a snapshot. One that turns out to have gone is no other export's any more. */
export async function withSnapshot<T>(
  store: StateStore,
  snapshotId: string,
  work: (manifest: SnapshotManifest) => Promise<T>,
): Promise<T> {
  try {
    const manifest = await store.bucket.readJson(manifestKey(snapshotId), SnapshotManifest);
    if (manifest === null) throw snapshotGoneError();
    return await work(manifest);
  } catch (error) {
    if (error instanceof ExportError && error.kind === "gone") await forgetSnapshot(store, snapshotId);
    throw error;
  }
}
