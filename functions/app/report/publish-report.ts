import { dateNow } from "../../adapters/clock/clock.ts";
import { emitMetrics, logEvent } from "../../adapters/log/log.ts";
import { exportKey, filePrefix } from "../../core/basics/bucket-keys.ts";
import type { Problem } from "../../core/basics/stored-values.ts";
import {
  ExportState,
  failExport,
  locateFile,
  renewAliveUntil,
  type ExportResult,
  succeedExport,
} from "../../core/export/export-state.ts";
import { endLease } from "../../core/snapshot/crawl-registry.ts";
import type { AppContext } from "../context.ts";
import { changeExport } from "../export/export-store.ts";
import { updateRegistry } from "../snapshot/snapshot-store.ts";

/**
 * Stores the export's result, so that the API links to the result's file. When several attempts have a result, the
 * first stored result counts, and the files of the other attempts are removed. A cancelled export keeps no file.
 * Returns true when the given result counts.
 */
export async function publishResult(app: AppContext, id: string, result: ExportResult): Promise<boolean> {
  const now = dateNow(app.clock);
  await changeExport(app, id, (state) => succeedExport(state, result, now));
  // S3 may have stored the result although its response was lost, so the stored state decides whether this result
  // counts.
  const key = locateFile({ id, result });
  return (await tidyFiles(app, id)) === key;
}

/**
 * Removes all files of a finished export except the published file. Returns the key of the published file; null when
 * the export has none.
 */
export async function tidyFiles({ bucket }: AppContext, id: string): Promise<string | null> {
  const state = await bucket.readJson(exportKey(id), ExportState);
  const published = state?.result == null ? null : locateFile({ id, result: state.result });
  await bucket.removeAll(filePrefix(id), (key) => key === published);
  return published;
}

/**
 * Stores the export as failed with its present progress. Ends the lease if the export holds it, and removes the
 * export's files.
 */
export async function publishFailure(app: AppContext, id: string, problem: Problem): Promise<void> {
  const now = dateNow(app.clock);
  await changeExport(app, id, (state) => renewAliveUntil(state, now));
  const progress = await updateRegistry(app, (registry) => {
    const { lease } = registry;
    if (lease?.holderId !== id) return { after: null, answer: null };
    return { after: endLease(registry, problem), answer: lease.progress };
  });
  const failed = await changeExport(app, id, (state) =>
    failExport({ ...state, ...(progress && { progress }) }, problem, now),
  );
  if (failed !== null) {
    await logEvent("failed", { code: problem.code });
    await emitMetrics({ ExportsFailed: 1 });
  }
  await tidyFiles(app, id);
}
