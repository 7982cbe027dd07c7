import * as z from "zod";
import { manifestKey, partKey, readTimesKey } from "../basics/bucket-keys.ts";
import { isoMoment, wholeNumber } from "../basics/stored-values.ts";
import { anomalies, type CrawlState, notes } from "../crawl/crawl-state.ts";

/** An object of one attempt of a step: the attempt, and the SHA-256 of the bytes that it stored. */
export const StoredObject = z.object({ attempt: z.string(), sha256: z.string() });
export type StoredObject = z.infer<typeof StoredObject>;

/** A part of a snapshot. The step's result names it, so the execution's history decides which attempt counts. */
export const StoredPart = StoredObject.extend({ number: wholeNumber });
export type StoredPart = z.infer<typeof StoredPart>;

/** Where an object stands, and what its bytes must hash to; null for one of the version before. */
export type ObjectLocation = { key: string; sha256: string | null };

export type SnapshotParts = {
  id: string;
  parts: number;
  voidParts: number[];
  stored?: StoredPart[] | undefined;
};

/** Where the parts that count stand, in their order. */
export function locateParts({
  id,
  stored = [],
  ...counted
}: SnapshotParts): (ObjectLocation & { number: number })[] {
  const known = new Map(stored.map((part) => [part.number, part]));
  return listCounted(counted).map((number) => {
    const { attempt = null, sha256 = null } = known.get(number) ?? {};
    return { number, key: partKey(id, number, attempt), sha256 };
  });
}

/** The numbers of the parts that count, in their order. */
export function listCounted({ parts, voidParts }: Pick<SnapshotParts, "parts" | "voidParts">): number[] {
  return Array.from({ length: parts }, (_, index) => index + 1).filter(
    (number) => !voidParts.includes(number),
  );
}

export const crawlMethods = ["full", "refresh"] as const;

/** The portal's offers as one crawl read them: parts in the bucket, told by this manifest. */
export const SnapshotManifest = z.object({
  id: z.string(),
  startedAt: isoMoment,
  finishedAt: isoMoment,
  parts: wholeNumber,
  /** Parts that were read again later, and do not count. */
  voidParts: z.array(wholeNumber),
  pages: wholeNumber,
  /** As they came: the reader of the parts leaves out what came twice. */
  offers: wholeNumber,
  requests: wholeNumber,
  evidence: z.boolean(),
  doubts: z.array(z.enum(anomalies)),
  /** Oddities of the portal that were resolved. */
  notes: z.array(z.enum(notes)).default([]),
  /** Whether every offer was read anew, or an earlier snapshot brought up to date. */
  method: z.enum(crawlMethods).default("full"),
  /** Requests that a refresh has saved, by what a crawl would take. */
  saved: wholeNumber.default(0),
  /** Where a refresh's rotation stands. */
  heads: z.array(z.object({ at: wholeNumber, until: wholeNumber })).default([]),
  /** Whose attempts' parts count. One that is not named is of the version before, and has a key without an attempt. */
  stored: z.array(StoredPart).optional(),
  /** As of when a refresh has its offers; named as the parts are. */
  vintages: StoredObject.optional(),
});
export type SnapshotManifest = z.infer<typeof SnapshotManifest>;

type Facts = { startedAt: string; finishedAt: string; evidence: boolean; stored?: StoredPart[] };

export function describeManifest(
  id: string,
  crawl: CrawlState,
  { stored = [], ...facts }: Facts,
): SnapshotManifest {
  const { parts, voidParts, nextPage, offers, requests, doubts: found, notes: resolved } = crawl;
  return {
    id,
    ...facts,
    parts,
    voidParts,
    pages: nextPage - 1,
    offers,
    requests,
    doubts: found,
    notes: resolved,
    method: "full",
    saved: 0,
    heads: [],
    stored,
  };
}

/** The keys of the snapshot's own objects. */
export function listKeys(manifest: SnapshotManifest): string[] {
  const { id, method, vintages } = manifest;
  const parts = locateParts(manifest).map(({ key }) => key);
  const readAt = method === "refresh" ? [readTimesKey(id, vintages?.attempt)] : [];
  return [manifestKey(id), ...parts, ...readAt];
}

/** A snapshot that there is, in so far as it decides who may use it. */
export const SnapshotReference = z.object({
  snapshotId: z.string(),
  finishedAt: isoMoment,
  pages: wholeNumber,
  evidence: z.boolean(),
  /** Whether every offer of it was read at once. */
  isFull: z.boolean(),
  isComplete: z.boolean(),
});
export type SnapshotReference = z.infer<typeof SnapshotReference>;

/** What a snapshot must have; what is false need not be so. */
type Demand = { evidence?: boolean; isFull?: boolean; isComplete?: boolean };

export function referToSnapshot({
  id,
  finishedAt,
  pages,
  evidence,
  method,
  doubts,
}: SnapshotManifest): SnapshotReference {
  return {
    snapshotId: id,
    finishedAt,
    pages,
    evidence,
    isFull: method === "full",
    isComplete: doubts.length === 0,
  };
}

/** The snapshots there are, newest first, without those that a newer one is as good as for whatever is demanded. */
export function addReference(references: SnapshotReference[], added: SnapshotReference): SnapshotReference[] {
  return [
    added,
    ...references.filter((known) => known.snapshotId !== added.snapshotId && !meets(added, known)),
  ];
}

/** The newest of the kind. */
export function findNewestSnapshot(
  references: SnapshotReference[],
  demand: Demand = {},
): SnapshotReference | null {
  return references.find((reference) => meets(reference, demand)) ?? null;
}

function meets(reference: SnapshotReference, { evidence, isFull, isComplete }: Demand): boolean {
  return (
    (!evidence || reference.evidence) &&
    (!isFull || reference.isFull) &&
    (!isComplete || reference.isComplete)
  );
}
