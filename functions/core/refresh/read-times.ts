import * as z from "zod";
import { type Calendar, type Day, formatDay, type Moment } from "../basics/calendar.ts";
import type { Growth } from "../crawl/crawl-state.ts";
import { count, moment } from "../basics/stored-values.ts";
import type { Renewal } from "./delta.ts";

/** As of when a snapshot has its offers, in its order: how many in a row were read at which moment. */
export const Vintages = z.array(z.object({ readAt: moment, offers: count }));
export type Vintages = z.infer<typeof Vintages>;

type Renewing = Pick<Renewal, "newcomers" | "read" | "gone"> & { grows: Growth; readAt: string };

/** Those of the snapshot that a refresh makes of one with these. */
export function renewVintages(before: Vintages, renewing: Renewing): Vintages {
  const { newcomers, read, gone, grows, readAt } = renewing;
  const known: (string | null)[] = before.flatMap((run) => Array<string>(run.offers).fill(run.readAt));
  for (const { place } of read) known[place] = readAt;
  for (const { from, to } of gone) known.fill(null, from, to);
  const fresh = newcomers.map(() => readAt);
  return joinRuns(grows === "near" ? fresh.concat(listThere(known)) : listThere(known).concat(fresh));
}

function listThere(known: (string | null)[]): string[] {
  return known.filter((readAt) => readAt !== null);
}

function joinRuns(all: string[]): Vintages {
  const runs: Vintages = [];
  for (const readAt of all) {
    const last = runs.at(-1);
    if (last?.readAt === readAt) last.offers += 1;
    else runs.push({ readAt, offers: 1 });
  }
  return runs;
}

/** Offers that were read from one day to another. */
export const Read = z.object({ from: z.iso.date(), to: z.iso.date(), offers: count });
export type Read = z.infer<typeof Read>;

/** Days before the snapshot: on its own, in the week before it, in the month before that, and earlier. */
const ages = [0, 7, 30, Infinity];

/** How old the offers of a snapshot are that was finished at that moment, the newest first: a few lines at most. */
export function describeVintages(vintages: Vintages, finishedAt: Moment, calendar: Calendar): Read[] {
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
