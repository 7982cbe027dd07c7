import pLimit from "p-limit";
import type { Moment } from "../../core/calendar.ts";
import { findLatePlace, mayRun } from "../../core/schedule/late.ts";
import { readUnfinished } from "../export/exports.ts";
import type { Store } from "../world.ts";

const mostAtOnce = 10;

/** The ids of exports that should be finished by now and are not, those that died without a word included. */
export async function listLate(store: Store, now: Moment): Promise<string[]> {
  const keys = await store.bucket.listKeys("exports/", `exports/${findLatePlace(now)}`);
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length));
  const atOnce = pLimit(mostAtOnce);
  const watched = ids.filter((id) => mayRun(id, now));
  const states = await Promise.all(watched.map((id) => atOnce(readUnfinished, store, id)));
  return states.flatMap((state) => (state === null ? [] : [state.id]));
}
