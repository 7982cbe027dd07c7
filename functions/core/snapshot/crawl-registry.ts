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
 * What is known of one portal with one key, whose requests come out of one budget: the one export that spends
 * it, on a crawl or on names, and the snapshots there are.
 */
export const CrawlRegistry = z.object({
  lease: CrawlLease.nullable(),
  /** Newest first: the newest of each kind. */
  snapshots: z.array(SnapshotReference),
  /** Why the last crawl that failed did: who waited for its snapshot is told. */
  failed: z.object({ snapshotId: z.string(), problem: Problem }).nullable(),
  /** What the last requests told of the rate limit. */
  limit: RateLimit.nullable(),
});
export type CrawlRegistry = z.infer<typeof CrawlRegistry>;

export const emptyRegistry: CrawlRegistry = {
  lease: null,
  snapshots: [],
  failed: null,
  limit: null,
};

/** An export in want of a snapshot. */
export type SnapshotRequest = {
  id: string;
  evidence: boolean;
  /** Whether every offer is to be read, and none to be taken from an earlier snapshot. */
  isFull: boolean;
  /** A snapshot whose crawl ended earlier is too old. */
  notBefore: string;
  /** The snapshot that it has been waiting for. */
  joinedId: string | null;
};

export type NextAction =
  | { kind: "use"; snapshotId: string }
  /** For another's crawl, or (null) until another has read names: that makes no snapshot. */
  | { kind: "wait"; snapshotId: string | null; seconds: number; progress: Progress }
  /** With what an earlier crawl leaves to know, and the snapshot that may be refreshed instead, if any may. */
  | {
      kind: "crawl";
      expectedPages: number | null;
      limit: RateLimit | null;
      baseId: string | null;
      /** The export whose crawl failed last: that one may be resumed. A turn of the version before does not say. */
      resumeId?: string | null;
    };

/**
 * What the export does next, and the register after it. To be written under the condition that nobody else
 * has written meanwhile: then of all that ask at once exactly one crawls. Throws the problem of the crawl that
 * the export had waited for.
 */
export function chooseNextAction(
  registry: CrawlRegistry,
  want: SnapshotRequest,
  now: Date,
): RecordUpdate<CrawlRegistry, NextAction> {
  const usable = findSnapshot(registry, want);
  if (usable !== null) return { answer: { kind: "use", snapshotId: usable.snapshotId }, after: null };
  const { lease, failed } = registry;
  if (failed !== null && failed.snapshotId === want.joinedId)
    throw new ExportError("portal", failed.problem.code, failed.problem.detail);
  if (lease !== null && lease.holderId !== want.id && isAlive(lease, now))
    return lease.reads === "names" ? awaitNames(lease, now) : joinCrawl(registry, lease, now);
  const { id: holderId, evidence } = want;
  const held = findLease(registry, holderId);
  const expectedPages = findNewestSnapshot(registry.snapshots)?.pages ?? null;
  const resumeId = failed === null || failed.snapshotId === holderId ? null : failed.snapshotId;
  const baseId = findBase(registry, want);
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
 * Of a snapshot that may lack offers nobody knows what has happened since; and one that a window of the limit holds
 * is read in full as soon.
 */
function findBase({ snapshots, limit }: CrawlRegistry, { evidence, isFull }: SnapshotRequest): string | null {
  const base = findNewestSnapshot(snapshots, { evidence, isComplete: true });
  if (isFull || base === null || base.pages < (limit?.perWindow ?? 0)) return null;
  return base.snapshotId;
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
  // Of many that wait one says so for all.
  if (wantedUntil !== null && nextPoll.getTime() + graceMs < Date.parse(wantedUntil))
    return { answer, after: null };
  return { answer, after: { ...registry, lease: { ...lease, wantedUntil: findAliveUntil(nextPoll) } } };
}

/** Nothing has been read of what this export waits to crawl. */
function awaitNames(lease: CrawlLease, now: Date): RecordUpdate<CrawlRegistry, NextAction> {
  const progress = { ...noProgress, waitingUntil: findFreeAt(lease) };
  const seconds = findPollSeconds(lease, now);
  return { answer: { kind: "wait", snapshotId: null, seconds, progress }, after: null };
}

/** What a poll may be late. */
const graceMs = 120_000;

/** Whether another export counts on the crawl. */
function isWanted({ wantedUntil }: CrawlLease, now: Date): boolean {
  return wantedUntil !== null && now.getTime() < Date.parse(wantedUntil);
}

/** Null when it is no longer the holder's: it was silent for too long, and another has begun its own. */
export function findLease(
  { lease }: Pick<CrawlRegistry, "lease">,
  holderId: string,
  reads: ReadKind = "offers",
): CrawlLease | null {
  return lease?.holderId === holderId && lease.reads === reads ? lease : null;
}

type Entry = { id: string; window: number; isCancelled: boolean; now: Date };

/**
 * The crawl may go on; a window that begins for the second time has spent requests of which nothing is known.
 * Or the crawl is no longer the holder's (`lost`), or nobody wants it any more and it ends here (`unwanted`).
 */
export type FenceResult =
  | {
      kind: "admitted";
      isRepeated: boolean;
      evidence: boolean;
      startedAt: string;
      /** What the portal has asked for, of a window that died over it too. */
      closedUntilMs: number;
    }
  | { kind: "lost" }
  | { kind: "unwanted" };

export function fenceWindow(
  registry: CrawlRegistry,
  { id, window, isCancelled, now }: Entry,
): RecordUpdate<CrawlRegistry, FenceResult> {
  const lease = findLease(registry, id);
  if (lease === null) return { after: null, answer: { kind: "lost" } };
  if (isCancelled && !isWanted(lease, now))
    return { after: endLease(registry, null), answer: { kind: "unwanted" } };
  const { evidence, startedAt } = lease;
  // An attempt of an earlier window, or of one before a wait, may come late: it takes nothing back.
  const newest = Math.max(lease.window, window);
  return {
    after: { ...registry, lease: outlive({ ...lease, window: newest }, findAliveUntil(now)) },
    answer: {
      kind: "admitted",
      isRepeated: lease.window >= window,
      evidence,
      startedAt,
      closedUntilMs: registry.limit?.closedUntilMs ?? 0,
    },
  };
}

export type LeaseProgress = { reads: ReadKind; progress: Progress; limit: RateLimit; now: Date };

/** Whether the reading is still the holder's. */
export function renewLease(
  registry: CrawlRegistry,
  id: string,
  { reads, progress, limit, now }: LeaseProgress,
): RecordUpdate<CrawlRegistry, boolean> {
  const lease = findLease(registry, id, reads);
  if (lease === null) return { after: null, answer: false };
  const aliveUntil = findAliveUntil(now, progress.waitingUntil);
  return { after: { ...registry, limit, lease: outlive({ ...lease, progress }, aliveUntil) }, answer: true };
}

/** The lease that is alive until then at least. */
function outlive(lease: CrawlLease, aliveUntil: string): CrawlLease {
  return aliveUntil > lease.aliveUntil ? { ...lease, aliveUntil } : lease;
}

/** A sign of life and nothing else, whatever the holder reads. */
export function recordHeartbeat(
  registry: CrawlRegistry,
  id: string,
  now: Date,
): RecordUpdate<CrawlRegistry, null> {
  const { lease } = registry;
  if (lease?.holderId !== id) return { after: null, answer: null };
  const kept = outlive(lease, findAliveUntil(now));
  return { after: kept === lease ? null : { ...registry, lease: kept }, answer: null };
}

export function addSnapshot(registry: CrawlRegistry, manifest: SnapshotManifest): CrawlRegistry {
  return { ...registry, lease: null, snapshots: addReference(registry.snapshots, referToSnapshot(manifest)) };
}

/**
 * The reading has ended without a snapshot: with a problem, which who waited for the crawl is told, or because
 * nobody wants it any more.
 */
export function endLease(registry: CrawlRegistry, problem: Problem | null): CrawlRegistry {
  const { lease } = registry;
  if (lease === null || problem === null || lease.reads === "names") return { ...registry, lease: null };
  return { ...registry, lease: null, failed: { snapshotId: lease.holderId, problem } };
}

/** The register without a lease that was claimed at that moment for an export that is finished; null where it has none. */
export function dropClaim(registry: CrawlRegistry, id: string, claimedAt: Date): CrawlRegistry | null {
  const lease = findLease(registry, id);
  const isUnused = lease?.window === 0 && lease.startedAt === claimedAt.toISOString();
  return isUnused ? endLease(registry, null) : null;
}

/** The register without a snapshot that is gone or is about to be. */
export function dropSnapshot(registry: CrawlRegistry, snapshotId: string): CrawlRegistry {
  const snapshots = registry.snapshots.filter((reference) => reference.snapshotId !== snapshotId);
  return { ...registry, snapshots };
}

/** The register with what requests outside of any reading told of the limit; a reading that began meanwhile knows more. */
export function recordRateLimit(
  registry: CrawlRegistry,
  learn: (known: RateLimit | null) => RateLimit,
  now: Date,
): CrawlRegistry | null {
  const { lease, limit } = registry;
  return lease !== null && isAlive(lease, now) ? null : { ...registry, limit: learn(limit) };
}
