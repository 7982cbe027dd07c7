import type { Progress, RecordUpdate } from "../basics/stored-values.ts";
import { distrustRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import {
  extendLease,
  findAliveUntil,
  findFreeAt,
  isWanted,
  type ReadKind,
  findPollSeconds,
  isAlive,
  newLease,
} from "./crawl-lease.ts";
import { type CrawlRegistry, endLease, findLease } from "./crawl-registry.ts";

/**
 * The operations of the export that holds a portal's lease. Crawls and refreshes pass the fence before each window.
 * They renew the lease after each window, and extend it with heartbeats. Lookups of customers' names spend requests
 * of the same rate limit, so they take the lease, too.
 *
 * Example: export A crawls, and export B has its snapshot and needs names. B waits until A's lease ends, and then
 * holds the lease itself until its names are read. Exports that need a crawl wait for B.
 */

type WindowStart = { id: string; window: number; isCancelled: boolean; now: Date };

/**
 * `admitted`: the window may begin. `lost`: the export no longer holds the lease. `unwanted`: the export is
 * cancelled, no other export waits for the snapshot, and the lease ends.
 */
export type FenceResult =
  | {
      kind: "admitted";
      /** True when the window has begun before. Nobody knows how many requests that attempt has spent. */
      isRepeated: boolean;
      evidence: boolean;
      startedAt: string;
      /** The end of a pause that any attempt has met, even when that attempt has died; 0 when there was none. */
      closedUntilMs: number;
    }
  | { kind: "lost" }
  | { kind: "unwanted" };

/** Fencing: decides whether a window may begin, so that a late attempt or a former holder sends no requests. */
export function fenceWindow(
  registry: CrawlRegistry,
  { id, window, isCancelled, now }: WindowStart,
): RecordUpdate<CrawlRegistry, FenceResult> {
  const lease = findLease(registry, id);
  if (lease === null) return { after: null, answer: { kind: "lost" } };
  if (isCancelled && !isWanted(lease, now))
    return { after: endLease(registry, null), answer: { kind: "unwanted" } };
  const { evidence, startedAt } = lease;
  // A late attempt of an earlier window must not set the number back.
  const newest = Math.max(lease.window, window);
  return {
    after: { ...registry, lease: extendLease({ ...lease, window: newest }, findAliveUntil(now)) },
    answer: {
      kind: "admitted",
      isRepeated: lease.window >= window,
      evidence,
      startedAt,
      closedUntilMs: registry.limit?.closedUntilMs ?? 0,
    },
  };
}

type LeaseProgress = { reads: ReadKind; progress: Progress; limit: RateLimit; now: Date };

/** Saves the progress and extends the lease. The answer is false when the export no longer holds it. */
export function renewLease(
  registry: CrawlRegistry,
  id: string,
  { reads, progress, limit, now }: LeaseProgress,
): RecordUpdate<CrawlRegistry, boolean> {
  const lease = findLease(registry, id, reads);
  if (lease === null) return { after: null, answer: false };
  const aliveUntil = findAliveUntil(now, progress.waitingUntil);
  const after = { ...registry, limit, lease: extendLease({ ...lease, progress }, aliveUntil) };
  return { after, answer: true };
}

/** Extends the lease and changes nothing else. */
export function recordHeartbeat(
  registry: CrawlRegistry,
  id: string,
  now: Date,
): RecordUpdate<CrawlRegistry, null> {
  const { lease } = registry;
  if (lease?.holderId !== id) return { after: null, answer: null };
  const extended = extendLease(lease, findAliveUntil(now));
  return { after: extended === lease ? null : { ...registry, lease: extended }, answer: null };
}

/** An export that wants to read a window of names. */
type BudgetRequest = {
  id: string;
  window: number;
  waitedSeconds: number;
  progress: Progress;
  now: Date;
};

type BudgetGrant =
  /** `isRepeated` is true when the window has begun before: nobody knows how many requests that attempt has spent. */
  | { kind: "granted"; isRepeated: boolean; limit: RateLimit | null }
  /** `freeAt` is when the holder expects to finish; null when it has not announced it. */
  | { kind: "wait"; seconds: number; freeAt: string | null };

/** Takes the lease for a window of names, or returns how long to wait because another export holds it. */
export function takeLookupBudget(
  registry: CrawlRegistry,
  request: BudgetRequest,
): RecordUpdate<CrawlRegistry, BudgetGrant> {
  const { id, window, waitedSeconds, progress, now } = request;
  const { lease, limit } = registry;
  const held = findLease(registry, id, "names");
  if (held === null && lease !== null && isAlive(lease, now)) {
    const seconds = findPollSeconds(lease, now, waitedSeconds);
    return { answer: { kind: "wait", seconds, freeAt: findFreeAt(lease) }, after: null };
  }
  const taken = held ?? newLease({ holderId: id, reads: "names", evidence: false }, now);
  return {
    answer: { kind: "granted", isRepeated: taken.window >= window, limit },
    after: { ...registry, lease: { ...taken, window, progress, aliveUntil: findAliveUntil(now) } },
  };
}

/**
 * Ends the lease for names and records the rate limit. `limit` is null when it is unknown, because a window that
 * broke off may have spent requests that nobody has counted. Returns null when the export holds no such lease.
 */
export function returnLookupBudget(
  registry: CrawlRegistry,
  id: string,
  limit: RateLimit | null,
): CrawlRegistry | null {
  if (findLease(registry, id, "names") === null) return null;
  const known = registry.limit === null ? null : distrustRateLimit(registry.limit);
  return { ...endLease(registry, null), limit: limit ?? known };
}
