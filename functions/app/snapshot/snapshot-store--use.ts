import { manifestKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { Store } from "../context.ts";
import { forgetSnapshot, snapshotGone } from "./snapshot-store.ts";

/** Works with a snapshot. One that turns out to have gone is no other export's any more. */
export async function useSnapshot<T>(
  store: Store,
  snapshotId: string,
  work: (manifest: Manifest) => Promise<T>,
): Promise<T> {
  try {
    const manifest = await store.bucket.readJson(manifestKey(snapshotId), Manifest);
    if (manifest === null) throw snapshotGone();
    return await work(manifest);
  } catch (error) {
    if (error instanceof ExportError && error.kind === "gone") await forgetSnapshot(store, snapshotId);
    throw error;
  }
}
