import * as z from "zod";
import { ExportError } from "../basics/errors.ts";
import { noProgress, Problem, type Progress, type RecordUpdate } from "../basics/stored-values.ts";
import { RateLimit } from "../rate-limit/rate-limit.ts";
import {
  CrawlLease,
  findAliveUntil,
  findFreeAt,
  findPollSeconds,
  isAlive,
  newLease,
  type ReadKind,
} from "./crawl-lease.ts";
import {
  addReference,
  findNewestSnapshot,
  referToSnapshot,
  type SnapshotManifest,
  SnapshotReference,
} from "./snapshot-manifest.ts";

/**
 * The registry of one portal with one API key. It holds the lease of the one export that may send requests, and the
 * newest snapshots. All functions of this file are pure. The caller stores a function's result with a conditional
 * write. This write is refused when another export has changed the registry, and then the caller calls the function
 * again.
 *
 * Example: exports A and B both need a snapshot. Both read a registry without a lease, and both claim the lease. The
 * write of A succeeds and the write of B is refused. B reads the registry again, finds the lease of A and waits for
 * A's snapshot.
 */
export const CrawlRegistry = z.object({
  lease: CrawlLease.nullable(),
  /**
   * The usable snapshots, newest first. A snapshot is removed from the list when a newer one serves every export
   * that the older one serves.
   */
  snapshots: z.array(SnapshotReference),
  /** The last crawl that failed. Exports that wait for the snapshot of this crawl read the problem here. */
  failed: z.object({ snapshotId: z.string(), problem: Problem }).nullable(),
  /** The rate limit as the last requests have shown it; null when it is unknown. */
  limit: RateLimit.nullable(),
});
export type CrawlRegistry = z.infer<typeof CrawlRegistry>;

export const emptyRegistry: CrawlRegistry = {
  lease: null,
  snapshots: [],
  failed: null,
  limit: null,
};

/** An export that needs a snapshot. */
export type SnapshotRequest = {
  id: string;
  evidence: boolean;
  /** True when the export needs a snapshot that a crawl has made. A refreshed snapshot is not enough. */
  isFull: boolean;
  /** The export can use a snapshot that was finished at this time or later. */
  notBefore: string;
  /** The id of the snapshot that the export has been waiting for; null when it has waited for none. */
  joinedId: string | null;
};

export type NextAction =
  | { kind: "use"; snapshotId: string }
  /**
   * The export waits for another export's crawl. When `snapshotId` is null, it waits for an export that reads names
   * of customers.
   */
  | { kind: "wait"; snapshotId: string | null; seconds: number; progress: Progress }
  | {
      kind: "crawl";
      expectedPages: number | null;
      limit: RateLimit | null;
      /**
       * A refresh may bring the snapshot with this id up to date, instead of a crawl; null when there is no such
       * snapshot.
       */
      baseId: string | null;
      /**
       * The id of the export whose failed crawl may be resumed; null when there is none. Step results that an earlier
       * version of this program stored do not have this field.
       */
      resumeId?: string | null;
    };

/**
 * Returns the export's next action and the changed registry. When several exports need a crawl at the same time,
 * exactly one of them crawls. Throws the problem of a failed crawl when the export has waited for the snapshot of
 * that crawl.
 */
export function chooseNextAction(
  registry: CrawlRegistry,
  request: SnapshotRequest,
  now: Date,
): RecordUpdate<CrawlRegistry, NextAction> {
  const usable = findSnapshot(registry, request);
  if (usable !== null) return { answer: { kind: "use", snapshotId: usable.snapshotId }, after: null };
  const { lease, failed } = registry;
  if (failed !== null && failed.snapshotId === request.joinedId)
    throw new ExportError("portal", failed.problem.code, failed.problem.detail);
  if (lease !== null && lease.holderId !== request.id && isAlive(lease, now))
    return lease.reads === "names" ? awaitNames(lease, now) : joinCrawl(registry, lease, now);
  const { id: holderId, evidence } = request;
  const held = findLease(registry, holderId);
  const expectedPages = findNewestSnapshot(registry.snapshots)?.pages ?? null;
  const resumeId = failed === null || failed.snapshotId === holderId ? null : failed.snapshotId;
  const baseId = findBaselineId(registry, request);
  return {
    answer: { kind: "crawl", expectedPages, limit: registry.limit, baseId, resumeId },
    after: { ...registry, lease: held ?? newLease({ holderId, reads: "offers", evidence }, now) },
  };
}

function findSnapshot(
  { snapshots }: CrawlRegistry,
  { evidence, isFull, notBefore }: SnapshotRequest,
): SnapshotReference | null {
  const candidate = findNewestSnapshot(snapshots, { evidence, isFull });
  return candidate !== null && Date.parse(candidate.finishedAt) >= Date.parse(notBefore) ? candidate : null;
}

/**
 * Returns the id of the complete snapshot that a refresh can bring up to date; null when there is none, or when the
 * request needs a crawl. Also returns null when the list of offers fits into one window of the rate limit, because
 * then a crawl is as fast.
 */
function findBaselineId(
  { snapshots, limit }: CrawlRegistry,
  { evidence, isFull }: SnapshotRequest,
): string | null {
  const baseline = findNewestSnapshot(snapshots, { evidence, isComplete: true });
  if (isFull || baseline === null || baseline.pages < (limit?.perWindow ?? 0)) return null;
  return baseline.snapshotId;
}

function joinCrawl(
  registry: CrawlRegistry,
  lease: CrawlLease,
  now: Date,
): RecordUpdate<CrawlRegistry, NextAction> {
  const { holderId: snapshotId, wantedUntil, progress } = lease;
  const seconds = findPollSeconds(lease, now);
  const answer = { kind: "wait", snapshotId, seconds, progress } as const;
  const nextPoll = new Date(now.getTime() + seconds * 1000);
  // All waiting exports share `wantedUntil`. When one of them has extended it far enough, it stays unchanged.
  if (wantedUntil !== null && nextPoll.getTime() + graceMs < Date.parse(wantedUntil))
    return { answer, after: null };
  return { answer, after: { ...registry, lease: { ...lease, wantedUntil: findAliveUntil(nextPoll) } } };
}

/**
 * Makes the export wait while another export reads names of customers. The progress shows no pages and offers,
 * because nobody reads offers for the waiting export yet.
 */
function awaitNames(lease: CrawlLease, now: Date): RecordUpdate<CrawlRegistry, NextAction> {
  const progress = { ...noProgress, waitingUntil: findFreeAt(lease) };
  const seconds = findPollSeconds(lease, now);
  return { answer: { kind: "wait", snapshotId: null, seconds, progress }, after: null };
}

/** A waiting export may read the lease again with at most this delay. `wantedUntil` leaves room for the delay. */
const graceMs = 120_000;

/**
 * Returns the lease if the export holds it to read `reads`. Otherwise returns null, for example because another
 * export has taken the lease.
 */
export function findLease(
  { lease }: Pick<CrawlRegistry, "lease">,
  holderId: string,
  reads: ReadKind = "offers",
): CrawlLease | null {
  return lease?.holderId === holderId && lease.reads === reads ? lease : null;
}

/** Adds a finished snapshot to the registry and ends the lease. */
export function addSnapshot(registry: CrawlRegistry, manifest: SnapshotManifest): CrawlRegistry {
  return { ...registry, lease: null, snapshots: addReference(registry.snapshots, referToSnapshot(manifest)) };
}

/**
 * Ends the lease without a snapshot. Stores the problem of a failed crawl for the exports that wait for the crawl's
 * snapshot.
 */
export function endLease(registry: CrawlRegistry, problem: Problem | null): CrawlRegistry {
  const { lease } = registry;
  if (lease === null || problem === null || lease.reads === "names") return { ...registry, lease: null };
  return { ...registry, lease: null, failed: { snapshotId: lease.holderId, problem } };
}

/**
 * Ends the lease that the export took at `claimedAt`, if the export has begun no window of the rate limit with it.
 * Otherwise returns null.
 */
export function dropClaim(registry: CrawlRegistry, id: string, claimedAt: Date): CrawlRegistry | null {
  const lease = findLease(registry, id);
  const isUnused = lease?.window === 0 && lease.startedAt === claimedAt.toISOString();
  return isUnused ? endLease(registry, null) : null;
}

/**
 * Returns the registry without the snapshot. Call this before the snapshot's objects are removed, or when they turn
 * out to be missing.
 */
export function dropSnapshot(registry: CrawlRegistry, snapshotId: string): CrawlRegistry {
  const snapshots = registry.snapshots.filter((reference) => reference.snapshotId !== snapshotId);
  return { ...registry, snapshots };
}

/**
 * Records the rate limit that requests without a lease have shown, for example those of the setup check. Returns null
 * while an export holds the lease, because that export knows the limit better.
 */
export function recordRateLimit(
  registry: CrawlRegistry,
  learn: (known: RateLimit | null) => RateLimit,
  now: Date,
): CrawlRegistry | null {
  const { lease, limit } = registry;
  return lease !== null && isAlive(lease, now) ? null : { ...registry, limit: learn(limit) };
}
