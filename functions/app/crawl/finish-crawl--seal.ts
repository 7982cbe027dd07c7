import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { renewAliveUntil } from "../../core/export/export-state.ts";
import { manifestKey, snapshotPrefix, missingNamesPrefix } from "../../core/basics/bucket-keys.ts";
import { type CrawlEffort, snapshotMetrics } from "../../core/metrics/metrics.ts";
import { noProgress } from "../../core/basics/stored-values.ts";
import { addSnapshot, findLease } from "../../core/snapshot/crawl-registry.ts";
import { describeManifest, listKeys, SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import { locateParts, type StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import { fenceCrawl } from "./next-action--admission.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { changeExport } from "../export/export-store.ts";
import { emitMetrics } from "../../adapters/log/emit-metrics.ts";
import { updateRegistry, readRegistry } from "../snapshot/snapshot-store--register.ts";
import type { AppContext } from "../context.ts";

type Task = { id: string; crawl: CrawlState; window: number; stored?: StoredPart[] };

/** Makes a crawl's snapshot known; a crawl that is lost makes none. */
export async function commitSnapshot(world: AppContext, { id, crawl, window, stored = [] }: Task): Promise<void> {
  await commitReading(world, { id, window, effort: crawl }, ({ evidence, startedAt: heldFrom }) => {
    // A crawl that was resumed began before this export's lease did.
    const startedAt = crawl.startedMs == null ? heldFrom : new Date(crawl.startedMs).toISOString();
    const finishedAt = dateNow(world.clock).toISOString();
    return describeManifest(id, crawl, { startedAt, finishedAt, evidence, stored });
  });
}

type Reading = { id: string; window: number; effort: CrawlEffort };
type Facts = { evidence: boolean; startedAt: string };

/**
 * Makes the snapshot of a reading that is done known, once however often its step is tried: what the step before has
 * left in the history is all that its manifest is made of. Leaves nothing of attempts that do not count.
 */
export async function commitReading(
  world: AppContext,
  { id, window, effort }: Reading,
  describe: (facts: Facts) => SnapshotManifest,
): Promise<void> {
  const admission = await fenceCrawl(world, id, window);
  if (admission !== null) await publishSnapshot(world, describe(admission), { window, effort });
  await removeStrays(world, id);
}

/** By its manifest and then in the register, where its reading is still the holder's. */
async function publishSnapshot(
  world: AppContext,
  described: SnapshotManifest,
  { window, effort }: { window: number; effort: CrawlEffort },
): Promise<void> {
  const manifest = await keepManifest(world, described);
  if (manifest === null) return;
  const { id, pages, offers, finishedAt } = manifest;
  const progress = { ...noProgress, pages, offers };
  await changeExport(world, id, (state) => renewAliveUntil(state, new Date(finishedAt), progress));
  const isNew = await updateRegistry(world, (register) => {
    const isHolder = findLease(register, id)?.window === window;
    return { after: isHolder ? addSnapshot(register, manifest) : null, answer: isHolder };
  });
  if (isNew) await emitMetrics(snapshotMetrics(manifest, effort));
  else await removeHollow(world, manifest);
}

/**
 * The manifest as it stands from now on: the first attempt's that seals the reading, which any later one adopts. Null
 * for an attempt that is so late that the export has a later reading.
 */
async function keepManifest({ bucket }: AppContext, manifest: SnapshotManifest): Promise<SnapshotManifest | null> {
  return await bucket.update(manifestKey(manifest.id), SnapshotManifest, (before) => {
    if (before === null || before.startedAt < manifest.startedAt)
      return { after: manifest, answer: manifest };
    return { after: null, answer: before.startedAt === manifest.startedAt ? before : null };
  });
}

/** A manifest that came after its snapshot was removed would stand there alone. */
async function removeHollow(world: AppContext, manifest: SnapshotManifest): Promise<void> {
  const { id } = manifest;
  const { snapshots } = await readRegistry(world);
  if (snapshots.some(({ snapshotId }) => snapshotId === id)) return;
  const [part] = locateParts(manifest);
  if (part === undefined || !(await world.bucket.exists(part.key)))
    await world.bucket.remove(manifestKey(id));
}

/**
 * Removes what attempts that do not count have left beside the snapshot. What is removed was listed before the
 * manifest and the lease were read, so nothing goes of a reading that the export has begun since.
 */
async function removeStrays(world: AppContext, id: string): Promise<void> {
  const { bucket } = world;
  const prefix = snapshotPrefix(id);
  for (let keys = await bucket.listKeys(prefix); keys.length > 0;) {
    const manifest = await bucket.readJson(manifestKey(id), SnapshotManifest);
    if (manifest === null || findLease(await readRegistry(world), id) !== null) return;
    const kept = new Set(listKeys(manifest));
    const strays = keys.filter((key) => !kept.has(key) && !key.startsWith(missingNamesPrefix(id)));
    for (const key of strays) await bucket.remove(key);
    keys = await bucket.listKeys(prefix, keys.at(-1));
  }
}
