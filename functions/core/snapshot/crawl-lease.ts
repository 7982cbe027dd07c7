import * as z from "zod";
import { wholeNumber, isoMoment, noProgress, Progress } from "../basics/stored-values.ts";

/** What a portal's budget is spent on: a crawl of its offers, or the names of customers. */
export const ReadKind = z.enum(["offers", "names"]);
export type ReadKind = z.infer<typeof ReadKind>;

/** The one reading of a portal that may run: who holds it and how far it has come. */
export const CrawlLease = z.object({
  /** The export that reads; a crawl's snapshot is called after it. */
  holderId: z.string(),
  reads: ReadKind,
  /** Of a crawl: whether its snapshot holds evidence. */
  evidence: z.boolean(),
  startedAt: isoMoment,
  /** A holder that has said nothing by then has died, and the budget is anybody's. */
  aliveUntil: isoMoment,
  /** Until then another export counts on the crawl's snapshot. */
  wantedUntil: isoMoment.nullable(),
  /** The newest window that was begun. */
  window: wholeNumber,
  progress: Progress,
});
export type CrawlLease = z.infer<typeof CrawlLease>;

/** The holder tells of itself every minute. */
const maxSilenceMs = 4 * 60_000;

type Holder = Pick<CrawlLease, "holderId" | "reads" | "evidence">;

export function newLease(holder: Holder, now: Date): CrawlLease {
  return {
    ...holder,
    startedAt: now.toISOString(),
    aliveUntil: findAliveUntil(now),
    wantedUntil: null,
    window: 0,
    progress: noProgress,
  };
}

/** To be told with each sign of life; what is announced, such as a wait, is no silence. */
export function findAliveUntil(now: Date, busyUntil: string | null = null): string {
  const busyMs = busyUntil === null ? now.getTime() : Math.max(now.getTime(), Date.parse(busyUntil));
  return new Date(busyMs + maxSilenceMs).toISOString();
}

export function isAlive({ aliveUntil }: { aliveUntil: string }, now: Date): boolean {
  return now.getTime() < Date.parse(aliveUntil);
}

const minPollSeconds = 1;
const maxPollSeconds = 120;

/**
 * How long another export waits before it looks again: an eighth of the reading's age, or half of what is left
 * of it, so that a crawl of many hours is looked at some hundred times and a short one without delay. Who has
 * waited for one after the other waits for an eighth of that at least.
 */
export function findPollSeconds(
  { startedAt, aliveUntil, progress }: CrawlLease,
  now: Date,
  waitedSeconds = 0,
): number {
  const ageMs = now.getTime() - Date.parse(startedAt);
  const { estimatedFinishAt } = progress;
  const leftMs = estimatedFinishAt === null ? Infinity : Date.parse(estimatedFinishAt) - now.getTime();
  const silenceMs = Date.parse(aliveUntil) - now.getTime();
  const seconds = Math.ceil(Math.min(ageMs / 8, leftMs / 2, silenceMs) / 1000);
  return Math.min(maxPollSeconds, Math.max(minPollSeconds, seconds, Math.ceil(waitedSeconds / 8)));
}

/** When the holder should be done, or else when it goes on, as far as it tells. */
export function findFreeAt({ progress }: CrawlLease): string | null {
  return progress.estimatedFinishAt ?? progress.waitingUntil;
}
