import { ExportError } from "../../core/error.ts";
import { manifestKey } from "../../core/key.ts";
import { Manifest } from "../../core/snapshot/snapshot.ts";
import { snapshotGone } from "./snapshot.ts";
import { forgetSnapshot } from "./turn.ts";
import type { Store } from "../world.ts";

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
