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
 * The registry of one portal with one key: the lease of the one export that may send requests, and the newest
 * snapshots. All functions are pure. The caller writes their result with a conditional write, and calls them again
 * when another export has written meanwhile.
 *
 * Example: exports A and B both need a snapshot. Both read a registry without a lease, and both claim the lease. The
 * write of A succeeds and the write of B is refused. B reads the registry again, finds the lease of A and waits for
 * its snapshot.
 */
export const CrawlRegistry = z.object({
  lease: CrawlLease.nullable(),
  /** Newest first. A snapshot drops out when a newer one serves every export that it serves. */
  snapshots: z.array(SnapshotReference),
  /** The last failed crawl, for the exports that wait for its snapshot. */
  failed: z.object({ snapshotId: z.string(), problem: Problem }).nullable(),
  /** The rate limit as the last requests have shown it. */
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
  /** True when every offer must be read from the portal. Then a refreshed snapshot is not enough. */
  isFull: boolean;
  /** A snapshot that was finished earlier is too old. */
  notBefore: string;
  /** The snapshot that the export has been waiting for. */
  joinedId: string | null;
};

export type NextAction =
  | { kind: "use"; snapshotId: string }
  /** Wait for another export's crawl, or, when `snapshotId` is null, until another export has read names. */
  | { kind: "wait"; snapshotId: string | null; seconds: number; progress: Progress }
  | {
      kind: "crawl";
      expectedPages: number | null;
      limit: RateLimit | null;
      /** The snapshot that may be refreshed instead of a crawl; null when none may. */
      baseId: string | null;
      /** The export whose failed crawl may be resumed. Step results of an earlier version lack it. */
      resumeId?: string | null;
    };

/**
 * Returns the export's next action, and the registry after it. When several exports ask at once, exactly one of
 * them crawls. Throws the problem of a crawl that the export has waited for.
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
 * A refresh needs a complete snapshot as its baseline. When the list fits into one window of the rate limit, a crawl
 * is as fast.
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
  // One waiting export extends `wantedUntil` for all of them.
  if (wantedUntil !== null && nextPoll.getTime() + graceMs < Date.parse(wantedUntil))
    return { answer, after: null };
  return { answer, after: { ...registry, lease: { ...lease, wantedUntil: findAliveUntil(nextPoll) } } };
}

/** The progress is empty: the other export reads names, so no offers are read for this export yet. */
function awaitNames(lease: CrawlLease, now: Date): RecordUpdate<CrawlRegistry, NextAction> {
  const progress = { ...noProgress, waitingUntil: findFreeAt(lease) };
  const seconds = findPollSeconds(lease, now);
  return { answer: { kind: "wait", snapshotId: null, seconds, progress }, after: null };
}

/** A poll may be late by this much. */
const graceMs = 120_000;

/** Returns the lease that this export holds; null when it holds none, because another export has taken it. */
export function findLease(
  { lease }: Pick<CrawlRegistry, "lease">,
  holderId: string,
  reads: ReadKind = "offers",
): CrawlLease | null {
  return lease?.holderId === holderId && lease.reads === reads ? lease : null;
}

/** Adds the snapshot and ends the lease. */
export function addSnapshot(registry: CrawlRegistry, manifest: SnapshotManifest): CrawlRegistry {
  return { ...registry, lease: null, snapshots: addReference(registry.snapshots, referToSnapshot(manifest)) };
}

/** Ends the lease without a snapshot. A crawl's problem is kept for the exports that wait for it. */
export function endLease(registry: CrawlRegistry, problem: Problem | null): CrawlRegistry {
  const { lease } = registry;
  if (lease === null || problem === null || lease.reads === "names") return { ...registry, lease: null };
  return { ...registry, lease: null, failed: { snapshotId: lease.holderId, problem } };
}

/** Drops the lease that an export claimed at that moment and has not used. Returns null when there is none. */
export function dropClaim(registry: CrawlRegistry, id: string, claimedAt: Date): CrawlRegistry | null {
  const lease = findLease(registry, id);
  const isUnused = lease?.window === 0 && lease.startedAt === claimedAt.toISOString();
  return isUnused ? endLease(registry, null) : null;
}

/** Returns the registry without a snapshot. Call this before the snapshot is removed, or when it is gone. */
export function dropSnapshot(registry: CrawlRegistry, snapshotId: string): CrawlRegistry {
  const snapshots = registry.snapshots.filter((reference) => reference.snapshotId !== snapshotId);
  return { ...registry, snapshots };
}

/** Records what requests without a lease have shown of the limit. Null while a lease is alive: its holder knows more. */
export function recordRateLimit(
  registry: CrawlRegistry,
  learn: (known: RateLimit | null) => RateLimit,
  now: Date,
): CrawlRegistry | null {
  const { lease, limit } = registry;
  return lease !== null && isAlive(lease, now) ? null : { ...registry, limit: learn(limit) };
}
