import * as z from "zod";
import { wholeNumber, isoMoment, noProgress, Progress } from "../basics/stored-values.ts";

/** The resource that the holder of a lease reads from the portal: offers (by a crawl or a refresh), or names of customers. */
export const ReadKind = z.enum(["offers", "names"]);
export type ReadKind = z.infer<typeof ReadKind>;

/** The lease for a portal with one API key. Only the export that holds the lease may send requests. */
export const CrawlLease = z.object({
  /** The id of the export that holds the lease. The snapshot of this export's crawl has the same id. */
  holderId: z.string(),
  reads: ReadKind,
  /** True when the crawl's snapshot will hold evidence. */
  evidence: z.boolean(),
  startedAt: isoMoment,
  /**
   * The lease ends at this moment unless a heartbeat comes before it. After the end, another export may take the
   * lease.
   */
  aliveUntil: isoMoment,
  /** The moment until which another export waits for the crawl's snapshot; null when no export waits. */
  wantedUntil: isoMoment.nullable(),
  /**
   * The index of the newest window of the rate limit that the holder has begun, from 1; 0 before the first window.
   */
  window: wholeNumber,
  /**
   * The id of the step's attempt that has begun the newest window of a lookup of names; null when the lease is for
   * offers, or when an earlier version of this program has written the lease.
   */
  attempt: z.string().nullable().default(null),
  progress: Progress,
});
export type CrawlLease = z.infer<typeof CrawlLease>;

/**
 * The lease ends when no heartbeat has come for this time. The holder sends a heartbeat every minute, so three
 * heartbeats may be missing.
 */
const maxSilenceMs = 4 * 60_000;

type Holder = Pick<CrawlLease, "holderId" | "reads" | "evidence">;

export function newLease(holder: Holder, now: Date): CrawlLease {
  return {
    ...holder,
    startedAt: now.toISOString(),
    aliveUntil: findAliveUntil(now),
    wantedUntil: null,
    window: 0,
    attempt: null,
    progress: noProgress,
  };
}

/**
 * Returns the time at which a lease ends after a heartbeat at `now`. When the holder has announced a wait until
 * `busyUntil`, it needs to send the next heartbeat only after this wait, so the lease ends later.
 */
export function findAliveUntil(now: Date, busyUntil: string | null = null): string {
  const busyMs = busyUntil === null ? now.getTime() : Math.max(now.getTime(), Date.parse(busyUntil));
  return new Date(busyMs + maxSilenceMs).toISOString();
}

export function isAlive({ aliveUntil }: { aliveUntil: string }, now: Date): boolean {
  return now.getTime() < Date.parse(aliveUntil);
}

/** Returns the lease with the end `aliveUntil`. Returns it unchanged when its present end is the same or later. */
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
 * Returns the number of seconds, from 1 to 120, after which a waiting export reads the lease again. This is an eighth
 * of the lease's age, but at most half of the time that the crawl still needs. So a short crawl causes no long wait,
 * and a long crawl causes few reads. The number is at least an eighth of `waitedSeconds`, the time that the export
 * has waited already.
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

/**
 * Returns the time at which the holder expects to finish. When this time is unknown, returns the time at which the
 * holder's present wait ends, or null when the holder announced no wait.
 */
export function findFreeAt({ progress }: CrawlLease): string | null {
  return progress.estimatedFinishAt ?? progress.waitingUntil;
}
