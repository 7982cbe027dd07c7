import * as z from "zod";
import { type Calendar, type Day, formatDay, type Moment } from "../basics/calendar.ts";
import type { ListDirection } from "../crawl/crawl-state.ts";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import type { RefreshDelta } from "./delta.ts";

/** As of when a snapshot has its offers, in its order: how many in a row were read at which moment. */
export const ReadTimes = z.array(z.object({ readAt: isoMoment, offers: wholeNumber }));
export type ReadTimes = z.infer<typeof ReadTimes>;

type Renewing = Pick<RefreshDelta, "insertions" | "read" | "gone"> & { grows: ListDirection; readAt: string };

/** Those of the snapshot that a refresh makes of one with these. */
export function mergeReadTimes(before: ReadTimes, renewing: Renewing): ReadTimes {
  const { insertions, read, gone, grows, readAt } = renewing;
  const known: (string | null)[] = before.flatMap((run) => Array<string>(run.offers).fill(run.readAt));
  for (const { place } of read) known[place] = readAt;
  for (const { from, to } of gone) known.fill(null, from, to);
  const fresh = insertions.map(() => readAt);
  return joinRuns(grows === "near" ? fresh.concat(listThere(known)) : listThere(known).concat(fresh));
}

function listThere(known: (string | null)[]): string[] {
  return known.filter((readAt) => readAt !== null);
}

function joinRuns(all: string[]): ReadTimes {
  const runs: ReadTimes = [];
  for (const readAt of all) {
    const last = runs.at(-1);
    if (last?.readAt === readAt) last.offers += 1;
    else runs.push({ readAt, offers: 1 });
  }
  return runs;
}

/** Offers that were read from one day to another. */
export const ReadSpan = z.object({ from: z.iso.date(), to: z.iso.date(), offers: wholeNumber });
export type ReadSpan = z.infer<typeof ReadSpan>;

/** Days before the snapshot: on its own, in the week before it, in the month before that, and earlier. */
const ages = [0, 7, 30, Infinity];

/** How old the offers of a snapshot are that was finished at that moment, the newest first: a few lines at most. */
export function describeReadTimes(vintages: ReadTimes, finishedAt: Moment, calendar: Calendar): ReadSpan[] {
  const today = calendar.dayOf(finishedAt);
  const groups = ages.map(() => ({ days: new Set<Day>(), offers: 0 }));
  for (const { readAt, offers } of vintages) {
    const day = calendar.dayOf(Date.parse(readAt));
    const group = groups[ages.findIndex((age) => today - day <= age)];
    if (group === undefined) continue;
    group.days.add(day);
    group.offers += offers;
  }
  return groups
    .filter(({ offers }) => offers > 0)
    .map(({ days, offers }) => {
      const sorted = [...days].toSorted((a, b) => a - b);
      return { from: formatDay(sorted[0] ?? today), to: formatDay(sorted.at(-1) ?? today), offers };
    });
}
