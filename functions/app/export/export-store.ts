import pLimit from "p-limit";
import * as z from "zod";
import { hashOptions } from "../../adapters/bucket/key-hashes.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { exportKey, optionsClaimKey, parseExportId } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { type ExportResult, ExportState, isFinished, locateFile } from "../../core/export/export-state.ts";
import { presentState } from "../../core/export/shown-export.ts";
import type { Options } from "../../core/options/export-options.ts";
import type { StateStore } from "../context.ts";
import { readRegistry } from "../snapshot/snapshot-store.ts";

/**
 * Reads the export as callers of the API see it, with the progress of its crawl. Returns null when no export has this
 * id, or when the id is malformed.
 */
export async function readExport(store: StateStore, id: string): Promise<ExportState | null> {
  if (parseExportId(id) === null) return null;
  const state = await store.bucket.readJson(exportKey(id), ExportState);
  if (state === null || isFinished(state)) return state;
  return presentState(state, (await readRegistry(store)).lease, dateNow(store.clock));
}

/** Like `readExport`, but returns "unreadable" and logs an error when the stored export does not match the schema. */
export async function tryReadExport(
  store: StateStore,
  id: string,
): Promise<ExportState | "unreadable" | null> {
  try {
    return await readExport(store, id);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    await logFault(error, { exportId: id });
    return "unreadable";
  }
}

/** Like `readExport`, but also returns null when the stored export does not match the schema. */
export async function readIfReadable(store: StateStore, id: string): Promise<ExportState | null> {
  const state = await tryReadExport(store, id);
  return state === "unreadable" ? null : state;
}

/**
 * Reads the export's stored state, without the progress of its crawl. Returns null when the export does not exist, has
 * finished or was cancelled.
 */
export async function readUnfinished({ bucket }: StateStore, id: string): Promise<ExportState | null> {
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state === null || isFinished(state) ? null : state;
}

/**
 * Changes an unfinished export and returns its new state. Changes nothing and returns null when the export does not
 * exist or has finished.
 */
export async function changeExport(
  { bucket }: StateStore,
  id: string,
  change: (state: ExportState) => ExportState,
): Promise<ExportState | null> {
  return await bucket.update(exportKey(id), ExportState, (before) => {
    const after = before === null || isFinished(before) ? null : change(before);
    return { after, answer: after };
  });
}

/**
 * Returns the stored export with the id of `made`. When there is none, stores and returns `made`. When several calls
 * run at once, all of them return the export that one of them has stored. Stores an export that has died as failed, so
 * that its workflow publishes nothing if it wakes up later.
 */
export async function claimExport(store: StateStore, made: ExportState): Promise<ExportState> {
  const { lease } = await readRegistry(store);
  return await store.bucket.update(exportKey(made.id), ExportState, (before) => {
    const state = before === null ? made : presentState(before, lease, dateNow(store.clock));
    const isChanged = before === null || isFinished(before) !== isFinished(state);
    return { after: isChanged ? state : null, answer: state };
  });
}

const maxListed = 50;
const maxAtOnce = 10;

/** Returns the newest exports, at most `maxListed`, sorted from new to old. */
export async function listExports(store: StateStore): Promise<ExportState[]> {
  const keys = await store.bucket.listKeys("exports/");
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length)).slice(0, maxListed);
  const atOnce = pLimit(maxAtOnce);
  const states = await Promise.all(ids.map((id) => atOnce(readIfReadable, store, id)));
  return states.filter((state) => state !== null);
}

/**
 * The claim of a set of options names the last exports with these options. `id` is the id of the newest export.
 * `completeId` is the id of the newest export before it with a complete report. A claim that cannot be read counts as a
 * claim without exports.
 */
export const OptionsClaim = z
  .object({ id: z.string(), completeId: z.string().nullable().default(null) })
  .catch({ id: "", completeId: null });
export type OptionsClaim = z.infer<typeof OptionsClaim>;

export type FinishedExport = { id: string; result: ExportResult };

/** Returns the export's report if the report is complete and its file still exists, else null. */
export async function findReport(
  { bucket }: StateStore,
  { id, result }: ExportState,
): Promise<FinishedExport | null> {
  if (result?.completeness !== "complete") return null;
  return (await bucket.exists(locateFile({ id, result }))) ? { id, result } : null;
}

/**
 * Returns the newest complete report with these options whose file still exists; null when there is none.
 */
export async function findLastReport(store: StateStore, options: Options): Promise<FinishedExport | null> {
  const claimKey = optionsClaimKey(hashOptions(store.config, options));
  const claim = await store.bucket.readJson(claimKey, OptionsClaim);
  for (const id of [claim?.id, claim?.completeId]) {
    const state = id ? await readIfReadable(store, id) : null;
    const report = state && (await findReport(store, state));
    if (report !== null) return report;
  }
  return null;
}
