import * as z from "zod";
import { type Calendar, type Day, formatDay, type Moment } from "../basics/calendar.ts";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import type { ListDirection } from "../crawl/crawl-state.ts";
import type { RefreshDelta } from "./delta.ts";

/**
 * The read time of an offer is the time at which the offer was last read from the portal. A refreshed snapshot keeps
 * the read times of all its offers as runs. A run is a group of neighbouring offers with the same read time.
 *
 * Example: a crawl on Monday reads 100 offers, so there is one run of 100 offers. On Tuesday a refresh reads the
 * first ten offers again. The new snapshot then has two runs: 10 offers of Tuesday and 90 offers of Monday.
 */
export const ReadTimes = z.array(z.object({ readAt: isoMoment, offers: wholeNumber }));
export type ReadTimes = z.infer<typeof ReadTimes>;

type Refresh = Pick<RefreshDelta, "insertions" | "read" | "gone"> & { grows: ListDirection; readAt: string };

/**
 * Returns the read times of the new snapshot. `before` are the read times of the baseline, and `refresh.readAt` is
 * the read time of the offers that the refresh has read.
 */
export function mergeReadTimes(before: ReadTimes, refresh: Refresh): ReadTimes {
  const { insertions, read, gone, grows, readAt } = refresh;
  const known: (string | null)[] = before.flatMap((run) => Array<string>(run.offers).fill(run.readAt));
  for (const { place } of read) known[place] = readAt;
  for (const { from, to } of gone) known.fill(null, from, to);
  const inserted = insertions.map(() => readAt);
  return joinRuns(
    grows === "near" ? inserted.concat(listPresent(known)) : listPresent(known).concat(inserted),
  );
}

function listPresent(known: (string | null)[]): string[] {
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

/** The number of offers whose read times lie between the days `from` and `to`, both included. */
export const ReadSpan = z.object({ from: z.iso.date(), to: z.iso.date(), offers: wholeNumber });
export type ReadSpan = z.infer<typeof ReadSpan>;

/** Read times are grouped by their age in days before the snapshot. These are the highest ages of the groups. */
const ages = [0, 7, 30, Infinity];

/**
 * Groups the read times of a snapshot by age. The snapshot was finished at `finishedAt`. Returns at most four spans,
 * the newest first.
 */
export function describeReadTimes(readTimes: ReadTimes, finishedAt: Moment, calendar: Calendar): ReadSpan[] {
  const today = calendar.dayOf(finishedAt);
  const groups = ages.map(() => ({ days: new Set<Day>(), offers: 0 }));
  for (const { readAt, offers } of readTimes) {
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
