import pLimit from "p-limit";
import type { Moment } from "../../core/basics/calendar.ts";
import { failUnbegun, isFinished, isUnbegun } from "../../core/export/export-state.ts";
import { findLatePrefix, mayStillRun } from "../../core/schedule/overdue-reports--late.ts";
import { changeExport, readUnfinished } from "../export/export-store.ts";
import type { StateStore } from "../context.ts";

const mostAtOnce = 10;

/**
 * The ids of exports that should be finished by now and are not, those that died without a word included. One whose
 * workflow never began is not late: whoever asked for it was told, and here it is written down as failed.
 */
export async function listLateExports(store: StateStore, now: Moment): Promise<string[]> {
  const keys = await store.bucket.listKeys("exports/", `exports/${findLatePrefix(now)}`);
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length));
  const atOnce = pLimit(mostAtOnce);
  const watched = ids.filter((id) => mayStillRun(id, now));
  const late = await Promise.all(watched.map((id) => atOnce(isLate, store, id, new Date(now))));
  return watched.filter((_, index) => late[index]);
}

async function isLate(store: StateStore, id: string, now: Date): Promise<boolean> {
  const state = await readUnfinished(store, id);
  if (state === null || !isUnbegun(state, now)) return state !== null;
  const left = await changeExport(store, id, (before) =>
    isUnbegun(before, now) ? failUnbegun(before) : before,
  );
  return left !== null && !isFinished(left);
}
