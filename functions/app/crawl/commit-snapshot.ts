import { dateNow } from "../../adapters/clock/clock.ts";
import { emitMetrics } from "../../adapters/log/log.ts";
import { noProgress } from "../../core/basics/stored-values.ts";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { renewAliveUntil } from "../../core/export/export-state.ts";
import { type CrawlCounts, snapshotMetrics } from "../../core/metrics/metrics.ts";
import { addSnapshot, findLease } from "../../core/snapshot/crawl-registry.ts";
import {
  describeManifest,
  SnapshotManifest,
  type StoredPart,
} from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { changeExport } from "../export/export-store.ts";
import {
  removeOrphanManifest,
  removeStrays,
  updateRegistry,
  writeManifestOnce,
} from "../snapshot/snapshot-store.ts";
import { fenceCrawl } from "./next-action.ts";

type Task = { id: string; crawl: CrawlState; window: number; stored?: StoredPart[] };

/**
 * Adds the snapshot of a finished crawl to the registry, so that exports can use the snapshot. Adds nothing when the
 * export has lost its lease.
 */
export async function commitSnapshot(
  app: AppContext,
  { id, crawl, window, stored = [] }: Task,
): Promise<void> {
  await commitReading(app, { id, window, effort: crawl }, ({ evidence, startedAt: heldFrom }) => {
    // The snapshot starts when its crawl started. A resumed crawl started before this export got its lease at
    // `heldFrom`.
    const startedAt = crawl.startedMs == null ? heldFrom : new Date(crawl.startedMs).toISOString();
    const finishedAt = dateNow(app.clock).toISOString();
    return describeManifest(id, crawl, { startedAt, finishedAt, evidence, stored });
  });
}

type Reading = { id: string; window: number; effort: CrawlCounts };
type Facts = { evidence: boolean; startedAt: string };

/**
 * Adds the snapshot of a finished crawl or refresh to the registry, and removes the objects that delayed and failed
 * attempts have left. Idempotent: a repeated call keeps the manifest that an earlier call has written.
 */
export async function commitReading(
  app: AppContext,
  { id, window, effort }: Reading,
  describe: (facts: Facts) => SnapshotManifest,
): Promise<void> {
  const admission = await fenceCrawl(app, id, window);
  if (admission !== null) await publishSnapshot(app, describe(admission), { window, effort });
  await removeStrays(app, id);
}

/**
 * Writes the manifest. Then adds the snapshot to the registry if the export still holds the lease. Otherwise removes
 * the manifest again if the snapshot's parts no longer exist.
 */
async function publishSnapshot(
  app: AppContext,
  described: SnapshotManifest,
  { window, effort }: { window: number; effort: CrawlCounts },
): Promise<void> {
  const manifest = await writeManifestOnce(app, described);
  if (manifest === null) return;
  const { id, pages, offers, finishedAt } = manifest;
  const progress = { ...noProgress, pages, offers };
  await changeExport(app, id, (state) => renewAliveUntil(state, new Date(finishedAt), progress));
  const isNew = await updateRegistry(app, (registry) => {
    const isHolder = findLease(registry, id)?.window === window;
    return { after: isHolder ? addSnapshot(registry, manifest) : null, answer: isHolder };
  });
  if (isNew) await emitMetrics(snapshotMetrics(manifest, effort));
  else await removeOrphanManifest(app, manifest);
}
