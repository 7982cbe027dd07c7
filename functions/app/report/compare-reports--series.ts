import { ExportError } from "../../core/basics/errors.ts";
import { ExportState } from "../../core/export/export-state.ts";
import { exportKey, manifestKey, seriesKey } from "../../core/basics/bucket-keys.ts";
import { addSeriesReport, listEarlierReports, type SeriesReport, ReportSeries } from "../../core/changes/earlier-reports.ts";
import { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import { hashReportSeries } from "../../adapters/bucket/key-hashes.ts";
import { logFault } from "../../adapters/log/log.ts";
import type { StateStore } from "../context.ts";

/** Makes a finished report known to the next of its options; does nothing for any other. May be called again. */
export async function recordReport(store: StateStore, id: string): Promise<void> {
  const state = await store.bucket.readJson(exportKey(id), ExportState);
  const { result = null, options, run } = state ?? {};
  if (result === null || options === undefined || run?.snapshotId == null) return;
  const { snapshotAt, completeness } = result;
  const { schedule, snapshotId } = run;
  const member = { id, schedule, asOf: options.asOf, snapshotId, snapshotAt, completeness };
  await store.bucket.update(seriesKey(hashReportSeries(store.config, options)), ReportSeries, (before) => ({
    after: addSeriesReport(before ?? { reports: [] }, member),
    answer: null,
  }));
}

/** A report whose snapshot is still there. */
export type EarlierReport = { member: SeriesReport; manifest: SnapshotManifest };

/** Somebody may have deleted some; those before them are as good, only older. */
const mostTried = 5;

/** The report before this one, or why there is none to compare it with. */
export async function findEarlierReport(
  store: StateStore,
  { options, run }: ExportState,
  { id, finishedAt }: SnapshotManifest,
): Promise<EarlierReport | "first" | "gone"> {
  const series = await store.bucket.readJson(seriesKey(hashReportSeries(store.config, options)), ReportSeries);
  const place = { schedule: run.schedule, asOf: options.asOf, snapshotId: id, snapshotAt: finishedAt };
  const members = listEarlierReports(series ?? { reports: [] }, place);
  for (const member of members.slice(0, mostTried)) {
    const manifest = await readManifest(store, member.snapshotId);
    if (manifest !== null) return { member, manifest };
  }
  return members.length === 0 ? "first" : "gone";
}

async function readManifest({ bucket }: StateStore, snapshotId: string): Promise<SnapshotManifest | null> {
  try {
    return await bucket.readJson(manifestKey(snapshotId), SnapshotManifest);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    await logFault(error, { snapshotId });
    return null;
  }
}
