import { ExportError } from "../../core/basics/errors.ts";
import { ExportState } from "../../core/export/export-state.ts";
import { exportKey, manifestKey, seriesKey } from "../../core/basics/bucket-keys.ts";
import { addMember, listEarlier, type Member, Series } from "../../core/changes/earlier-reports.ts";
import { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import { hashSeries } from "../../adapters/bucket/key-hashes.ts";
import { logFault } from "../../adapters/log/log.ts";
import type { Store } from "../context.ts";

/** Makes a finished report known to the next of its options; does nothing for any other. May be called again. */
export async function enterReport(store: Store, id: string): Promise<void> {
  const state = await store.bucket.readJson(exportKey(id), ExportState);
  const { result = null, options, run } = state ?? {};
  if (result === null || options === undefined || run?.snapshotId == null) return;
  const { snapshotAt, completeness } = result;
  const { schedule, snapshotId } = run;
  const member = { id, schedule, asOf: options.asOf, snapshotId, snapshotAt, completeness };
  await store.bucket.update(seriesKey(hashSeries(store.config, options)), Series, (before) => ({
    after: addMember(before ?? { reports: [] }, member),
    answer: null,
  }));
}

/** A report whose snapshot is still there. */
export type Earlier = { member: Member; manifest: Manifest };

/** Somebody may have deleted some; those before them are as good, only older. */
const mostTried = 5;

/** The report before this one, or why there is none to compare it with. */
export async function findEarlier(
  store: Store,
  { options, run }: ExportState,
  { id, finishedAt }: Manifest,
): Promise<Earlier | "first" | "gone"> {
  const series = await store.bucket.readJson(seriesKey(hashSeries(store.config, options)), Series);
  const place = { schedule: run.schedule, asOf: options.asOf, snapshotId: id, snapshotAt: finishedAt };
  const members = listEarlier(series ?? { reports: [] }, place);
  for (const member of members.slice(0, mostTried)) {
    const manifest = await readManifest(store, member.snapshotId);
    if (manifest !== null) return { member, manifest };
  }
  return members.length === 0 ? "first" : "gone";
}

async function readManifest({ bucket }: Store, snapshotId: string): Promise<Manifest | null> {
  try {
    return await bucket.readJson(manifestKey(snapshotId), Manifest);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    await logFault(error, { snapshotId });
    return null;
  }
}
