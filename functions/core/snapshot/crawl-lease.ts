import * as z from "zod";
import { wholeNumber, isoMoment, noProgress, Progress } from "../basics/stored-values.ts";

/** A lease is for reading offers (a crawl or a refresh), or for reading names of customers. */
export const ReadKind = z.enum(["offers", "names"]);
export type ReadKind = z.infer<typeof ReadKind>;

/** The lease of the one export that may send requests to a portal with one key. */
export const CrawlLease = z.object({
  /** The export that holds the lease. The snapshot of its crawl has the same id. */
  holderId: z.string(),
  reads: ReadKind,
  /** True when the crawl's snapshot will hold evidence. */
  evidence: z.boolean(),
  startedAt: isoMoment,
  /** When no heartbeat comes before this moment, the lease ends, and another export may take it. */
  aliveUntil: isoMoment,
  /** Another export waits for the crawl's snapshot until this moment; null when no export waits. */
  wantedUntil: isoMoment.nullable(),
  /** The number of the newest window that was begun. */
  window: wholeNumber,
  progress: Progress,
});
export type CrawlLease = z.infer<typeof CrawlLease>;

/** The lease ends after this time without a heartbeat. The holder sends one every minute, so it may miss three. */
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

/** Returns the end of a lease after a heartbeat. An announced wait until `busyUntil` does not count as silence. */
export function findAliveUntil(now: Date, busyUntil: string | null = null): string {
  const busyMs = busyUntil === null ? now.getTime() : Math.max(now.getTime(), Date.parse(busyUntil));
  return new Date(busyMs + maxSilenceMs).toISOString();
}

export function isAlive({ aliveUntil }: { aliveUntil: string }, now: Date): boolean {
  return now.getTime() < Date.parse(aliveUntil);
}

/** Returns the lease with a later end. An earlier one changes nothing. */
export function extendLease(lease: CrawlLease, aliveUntil: string): CrawlLease {
  return aliveUntil > lease.aliveUntil ? { ...lease, aliveUntil } : lease;
}

/** True when another export waits for the crawl's snapshot. */
export function isWanted({ wantedUntil }: CrawlLease, now: Date): boolean {
  return wantedUntil !== null && now.getTime() < Date.parse(wantedUntil);
}

const minPollSeconds = 1;
const maxPollSeconds = 120;

/**
 * Returns how long another export waits before it looks at the lease again: an eighth of the lease's age, or half of
 * the expected rest. So a crawl of many hours is polled about a hundred times, and a short one without delay. An
 * export that has already waited waits for at least an eighth of `waitedSeconds`.
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

/** Returns when the holder expects to finish, or else when its wait ends; null when it has announced neither. */
export function findFreeAt({ progress }: CrawlLease): string | null {
  return progress.estimatedFinishAt ?? progress.waitingUntil;
}
