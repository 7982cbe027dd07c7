import type { Progress, RecordUpdate } from "../basics/stored-values.ts";
import { distrustRateLimit, type RateLimit } from "../rate-limit/rate-limit.ts";
import { findAliveUntil, findFreeAt, findPollSeconds, isAlive, newLease } from "./crawl-lease.ts";
import { type CrawlRegistry, endLease, findLease } from "./crawl-registry.ts";

/** An export that would read a window of names, having come so far. */
export type BudgetRequest = {
  id: string;
  window: number;
  waitedSeconds: number;
  progress: Progress;
  now: Date;
};

/**
 * A window that begins for the second time has spent requests of which nothing is known. `freeAt` is when the
 * other should be done, if it has told.
 */
export type BudgetGrant =
  | { kind: "granted"; isRepeated: boolean; limit: RateLimit | null }
  | { kind: "wait"; seconds: number; freeAt: string | null };

/**
 * The portal's budget for a window of names, or how long to wait because another spends it. To be written under
 * the condition that nobody else has written meanwhile.
 */
export function takeLookupBudget(
  registry: CrawlRegistry,
  bid: BudgetRequest,
): RecordUpdate<CrawlRegistry, BudgetGrant> {
  const { id, window, waitedSeconds, progress, now } = bid;
  const { lease, limit } = registry;
  const held = findLease(registry, id, "names");
  if (held === null && lease !== null && isAlive(lease, now)) {
    const seconds = findPollSeconds(lease, now, waitedSeconds);
    return { answer: { kind: "wait", seconds, freeAt: findFreeAt(lease) }, after: null };
  }
  const begun = held ?? newLease({ holderId: id, reads: "names", evidence: false }, now);
  return {
    answer: { kind: "granted", isRepeated: begun.window >= window, limit },
    after: { ...registry, lease: { ...begun, window, progress, aliveUntil: findAliveUntil(now) } },
  };
}

/**
 * The register once the export reads no names any more, with what its last requests told of the rate limit;
 * null where it does not know: a window that broke off may have spent requests that nobody has counted.
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
