import * as z from "zod";
import { count, moment, noProgress, Progress } from "./progress.ts";

/** The one crawl of a portal that may run: who holds it and how far it has come. */
export const Lease = z.object({
  /** The snapshot that it makes, which is called after the export that crawls. */
  snapshotId: z.string(),
  evidence: z.boolean(),
  startedAt: moment,
  /** A holder that has said nothing by then has died, and the crawl is anybody's. */
  aliveUntil: moment,
  /** Until then another export counts on the snapshot. */
  wantedUntil: moment.nullable(),
  /** The newest window that was begun. */
  window: count,
  progress: Progress,
});
export type Lease = z.infer<typeof Lease>;

/** The holder tells of itself every minute. */
const mostSilenceMs = 4 * 60_000;

export function newLease(holder: { snapshotId: string; evidence: boolean }, now: Date): Lease {
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
  return new Date(busyMs + mostSilenceMs).toISOString();
}

export function isAlive({ aliveUntil }: { aliveUntil: string }, now: Date): boolean {
  return now.getTime() < Date.parse(aliveUntil);
}

const leastPollSeconds = 1;
const mostPollSeconds = 120;

/**
 * How long another export waits before it looks again: an eighth of the crawl's age, or half of what is left
 * of it, so that a crawl of many hours is looked at some hundred times and a short one without delay.
 */
export function findPollSeconds({ startedAt, aliveUntil, progress }: Lease, now: Date): number {
  const ageMs = now.getTime() - Date.parse(startedAt);
  const { estimatedFinishAt } = progress;
  const leftMs = estimatedFinishAt === null ? Infinity : Date.parse(estimatedFinishAt) - now.getTime();
  const silenceMs = Date.parse(aliveUntil) - now.getTime();
  const seconds = Math.ceil(Math.min(ageMs / 8, leftMs / 2, silenceMs) / 1000);
  return Math.min(mostPollSeconds, Math.max(leastPollSeconds, seconds));
}
