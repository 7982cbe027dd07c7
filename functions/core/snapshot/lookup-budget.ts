import type { Progress, RecordUpdate } from "../basics/stored-values.ts";
import { distrustRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import { findAliveUntil, findFreeAt, findPollSeconds, isAlive, newLease } from "./crawl-lease.ts";
import { type CrawlRegistry, endLease, findLease } from "./crawl-registry.ts";

/**
 * Lookups of customers' names use the same requests as crawls, so they need the portal's lease, too.
 *
 * Example: export A crawls, and export B has its snapshot and needs names. B waits until A's lease ends, and then holds
 * the lease itself until its names are read. Exports that need a crawl wait for B.
 */

/** An export that wants to read a window of names. */
export type BudgetRequest = {
  id: string;
  window: number;
  waitedSeconds: number;
  progress: Progress;
  now: Date;
};

export type BudgetGrant =
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
 * Ends the lease for names and records the rate limit. `limit` is null when it is unknown, because a window that broke
 * off may have spent requests that nobody has counted. Returns null when the export holds no such lease.
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
