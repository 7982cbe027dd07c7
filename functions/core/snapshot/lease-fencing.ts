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
 * The functions with which an export uses and keeps its lease of a portal. Before each window of the rate limit, a
 * crawl or refresh asks `fenceWindow` whether it may go on. The crawl or refresh extends the lease with heartbeats,
 * and renews it after each window. Lookups of customers' names spend requests of the same rate limit, so they take
 * the lease, too.
 *
 * Example: export A crawls. Export B already has a snapshot and needs names of customers. B waits until A's lease
 * ends, and then holds the lease until the names are read. Exports that need a crawl wait until B's lease ends.
 */

type WindowStart = { id: string; window: number; isCancelled: boolean; now: Date };

/**
 * The answer to an export that wants to begin a window of the rate limit. `admitted`: the window may begin. `lost`:
 * the export no longer holds the lease. `unwanted`: the export is cancelled and no other export waits for the
 * snapshot, so the lease ends.
 */
export type FenceResult =
  | {
      kind: "admitted";
      /**
       * True when an earlier attempt has already begun the window. It is unknown how many requests the earlier
       * attempt has sent.
       */
      isRepeated: boolean;
      evidence: boolean;
      startedAt: string;
      /**
       * The end of the last pause that the portal has asked for, in ms since 1970; 0 when no pause is known. The
       * portal may have asked an earlier attempt for this pause.
       */
      closedUntilMs: number;
    }
  | { kind: "lost" }
  | { kind: "unwanted" };

/**
 * Decides whether the export may begin a window of the rate limit. An export that has lost the lease may not begin
 * a window, so that it sends no more requests.
 */
export function fenceWindow(
  registry: CrawlRegistry,
  { id, window, isCancelled, now }: WindowStart,
): RecordUpdate<CrawlRegistry, FenceResult> {
  const lease = findLease(registry, id);
  if (lease === null) return { after: null, answer: { kind: "lost" } };
  if (isCancelled && !isWanted(lease, now))
    return { after: endLease(registry, null), answer: { kind: "unwanted" } };
  const { evidence, startedAt } = lease;
  // An attempt at an earlier window may come late. It must not lower the stored index of the window.
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

/**
 * Stores the progress and the rate limit, and extends the lease. The answer is false when the export no longer
 * holds the lease.
 */
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

/** Extends the export's lease and changes nothing else. Does nothing when the export does not hold the lease. */
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

/** The request of an export that wants to use one window of the rate limit to look up names of customers. */
type BudgetRequest = {
  id: string;
  window: number;
  /** The id of the step's attempt that uses the window. */
  attempt: string;
  waitedSeconds: number;
  progress: Progress;
  now: Date;
};

type BudgetGrant =
  /**
   * `isRepeated` is true when an earlier attempt has already begun the window. It is unknown how many requests the
   * earlier attempt has sent.
   */
  | { kind: "granted"; isRepeated: boolean; limit: RateLimit | null }
  /**
   * `freeAt` is the time at which the lease's holder expects to finish. When this time is unknown, it is the end of
   * the holder's present wait; null when that is unknown, too.
   */
  | { kind: "wait"; seconds: number; freeAt: string | null };

/**
 * Takes the lease to read names in one window of the rate limit. When another export holds the lease, returns how
 * long to wait.
 */
export function takeLookupBudget(
  registry: CrawlRegistry,
  request: BudgetRequest,
): RecordUpdate<CrawlRegistry, BudgetGrant> {
  const { id, window, attempt, waitedSeconds, progress, now } = request;
  const { lease, limit } = registry;
  const held = findLease(registry, id, "names");
  if (held === null && lease !== null && isAlive(lease, now)) {
    const seconds = findPollSeconds(lease, now, waitedSeconds);
    return { answer: { kind: "wait", seconds, freeAt: findFreeAt(lease) }, after: null };
  }
  const taken = held ?? newLease({ holderId: id, reads: "names", evidence: false }, now);
  return {
    answer: { kind: "granted", isRepeated: taken.window >= window, limit },
    after: { ...registry, lease: { ...taken, window, attempt, progress, aliveUntil: findAliveUntil(now) } },
  };
}

/**
 * Ends the lease for reading names and records the rate limit. `limit` is null when the rate limit is unknown,
 * because a window broke off and nobody has counted its requests. Returns null when the export holds no lease for
 * reading names, or when another attempt has begun the window again after `attempt` did.
 */
export function returnLookupBudget(
  registry: CrawlRegistry,
  id: string,
  { limit, attempt }: { limit: RateLimit | null; attempt: string | null },
): CrawlRegistry | null {
  const lease = findLease(registry, id, "names");
  if (lease === null) return null;
  if (attempt !== null && lease.attempt !== null && lease.attempt !== attempt) return null;
  const known = registry.limit === null ? null : distrustRateLimit(registry.limit);
  return { ...endLease(registry, null), limit: limit ?? known };
}
