import type { Problem } from "../../core/basics/stored-values.ts";
import {
  ExportState,
  failExport,
  locateFile,
  renewAliveUntil,
  type ExportResult,
  succeedExport,
} from "../../core/export/export-state.ts";
import { exportKey, filePrefix } from "../../core/basics/bucket-keys.ts";
import { endLease } from "../../core/snapshot/crawl-registry.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { changeExport } from "../export/export-store.ts";
import { logEvent } from "../../adapters/log/log.ts";
import { emitMetrics } from "../../adapters/log/emit-metrics.ts";
import { updateRegistry } from "../snapshot/snapshot-store.ts";
import type { AppContext } from "../context.ts";

/**
 * Makes the finished file known: until then nobody is given a link to it. Of several attempts the first one's counts;
 * the files of the others go, and so does one that nobody wants any more. Whether it is this one that counts.
 */
export async function publishResult(app: AppContext, id: string, result: ExportResult): Promise<boolean> {
  const now = dateNow(app.clock);
  await changeExport(app, id, (state) => succeedExport(state, result, now));
  // The write may have been taken although its answer was lost: what stands there now decides.
  const key = locateFile({ id, result });
  return (await tidyFiles(app, id)) === key;
}

/** Leaves of a finished export the published file alone, if there is one, and gives its key. */
export async function tidyFiles({ bucket }: AppContext, id: string): Promise<string | null> {
  const state = await bucket.readJson(exportKey(id), ExportState);
  const published = state?.result == null ? null : locateFile({ id, result: state.result });
  await bucket.removeAll(filePrefix(id), (key) => key === published);
  return published;
}

/** Keeps how far the export had come, and gives up what it reads. A file that was not published goes. */
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
