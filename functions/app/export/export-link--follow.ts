import { setTimeout as sleep } from "node:timers/promises";
import { type ExportState, isFinished } from "../../core/export/export-state.ts";
import { readExport } from "./export-store.ts";
import type { StateStore } from "../context.ts";

const firstPauseMs = 100;
const mostPauseMs = 1_000;

/** Waits until the export is finished, whoever runs it, but no longer than that; gives it as it is then. */
export async function followExport(store: StateStore, begun: ExportState, waitMs: number): Promise<ExportState> {
  const deadlineMs = Date.now() + waitMs;
  let state = begun;
  for (let pauseMs = firstPauseMs; !isFinished(state); pauseMs = Math.min(mostPauseMs, pauseMs * 1.5)) {
    const leftMs = deadlineMs - Date.now();
    if (leftMs <= 0) break;
    await sleep(Math.min(pauseMs, leftMs));
    state = (await readExport(store, begun.id)) ?? state;
  }
  return state;
}
