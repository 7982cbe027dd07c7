import type * as z from "zod";
import { type CrawlLease, isAlive } from "../snapshot/crawl-lease.ts";
import { ExportResult, ExportState, failExport, interrupted, isFinished } from "./export-state.ts";

/** The result as callers see it, without the attempt that wrote the file. */
export const ShownResult = ExportResult.extend({ file: ExportResult.shape.file.omit({ attempt: true }) });
export type ShownResult = z.infer<typeof ShownResult>;

export function showResult(result: ExportResult): ShownResult {
  const { attempt: _, ...file } = result.file;
  return { ...result, file };
}

/** The state as callers see it, without the internal facts about the run. */
export const ShownState = ExportState.omit({ run: true }).extend({ result: ShownResult.nullable() });

/** Returns the state without figures and changes, the parts of the result that name customers and offers. */
export function omitFigures(state: ExportState): ExportState {
  return state.result === null
    ? state
    : { ...state, result: { ...state.result, figures: null, changes: null } };
}

/**
 * Returns the state as callers see it. `lease` belongs to the crawl, refresh or lookup of names that now reads from
 * the portal. When this work serves the export, callers see the progress of the work. An export that has died is
 * shown as failed, unless the work that serves it is still alive.
 */
export function presentState(state: ExportState, lease: CrawlLease | null, now: Date): ExportState {
  if (isFinished(state)) return state;
  const work = lease !== null && servesExport(lease, state) ? lease : null;
  const current = work === null ? state : { ...state, progress: work.progress };
  const runs = work === null ? [state.run] : [state.run, work];
  if (runs.some((run) => isAlive(run, now))) return current;
  const diedMs = Math.max(...runs.map(({ aliveUntil }) => Date.parse(aliveUntil)));
  return failExport(current, interrupted, new Date(diedMs));
}

/**
 * True when the holder of the lease works for the export. A crawl serves every export that waits for the crawl's
 * snapshot. A lookup of names serves only the export that runs the lookup.
 */
function servesExport({ holderId, reads }: CrawlLease, { id, run }: ExportState): boolean {
  return holderId === (reads === "offers" ? run.snapshotId : id);
}
