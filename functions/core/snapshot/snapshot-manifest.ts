import * as z from "zod";
import { manifestKey, partKey, readTimesKey } from "../basics/bucket-keys.ts";
import { isoMoment, wholeNumber } from "../basics/stored-values.ts";
import { anomalies, type CrawlState, notes } from "../crawl/crawl-state.ts";

/**
 * A snapshot is the list of offers as one crawl or refresh found it: parts in the bucket, and a manifest that names
 * the parts that count.
 *
 * Example: three windows wrote parts 1 to 3. Part 2 was read again as part 3, so the manifest says `parts: 3` and
 * `voidParts: [2]`. The snapshot's offers are those of parts 1 and 3.
 */

/** An object that an attempt of a step has stored, and the SHA-256 of its bytes. */
export const StoredObject = z.object({ attempt: z.string(), sha256: z.string() });
export type StoredObject = z.infer<typeof StoredObject>;

/**
 * A part of a snapshot. A step returns it in its result, so the execution's history decides which attempt's object
 * counts.
 */
export const StoredPart = StoredObject.extend({ number: wholeNumber });
export type StoredPart = z.infer<typeof StoredPart>;

/** `sha256` is null for objects that an earlier version wrote. */
export type ObjectLocation = { key: string; sha256: string | null };

export type SnapshotParts = {
  id: string;
  parts: number;
  voidParts: number[];
  stored?: StoredPart[] | undefined;
};

/** Returns the keys of the parts that count, in their order. */
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

/** Returns the numbers of the parts that count, in their order. */
export function listCounted({ parts, voidParts }: Pick<SnapshotParts, "parts" | "voidParts">): number[] {
  return Array.from({ length: parts }, (_, index) => index + 1).filter(
    (number) => !voidParts.includes(number),
  );
}

export const crawlMethods = ["full", "refresh"] as const;

export const SnapshotManifest = z.object({
  id: z.string(),
  startedAt: isoMoment,
  finishedAt: isoMoment,
  parts: wholeNumber,
  /** Parts that do not count, because their window was read again. */
  voidParts: z.array(wholeNumber),
  pages: wholeNumber,
  /** The number of offers in the parts. An offer in two parts counts twice; readers skip the second one. */
  offers: wholeNumber,
  requests: wholeNumber,
  evidence: z.boolean(),
  /** The crawl's anomalies. */
  doubts: z.array(z.enum(anomalies)),
  /** Contradictions of the portal that were resolved. */
  notes: z.array(z.enum(notes)).default([]),
  /** `full`: every offer was read. `refresh`: an earlier snapshot was brought up to date. */
  method: z.enum(crawlMethods).default("full"),
  /** The number of requests that a refresh has saved, compared with a crawl. */
  saved: wholeNumber.default(0),
  /** The positions of a refresh's rotation. */
  heads: z.array(z.object({ at: wholeNumber, until: wholeNumber })).default([]),
  /**
   * The attempts whose parts count. An earlier version wrote the parts that are not listed; their keys hold no
   * attempt.
   */
  stored: z.array(StoredPart).optional(),
  /** The object with the read times of a refresh. */
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

/** Returns the keys of the snapshot's objects: the manifest, the parts and the read times. */
export function listKeys(manifest: SnapshotManifest): string[] {
  const { id, method, vintages } = manifest;
  const parts = locateParts(manifest).map(({ key }) => key);
  const readAt = method === "refresh" ? [readTimesKey(id, vintages?.attempt)] : [];
  return [manifestKey(id), ...parts, ...readAt];
}

/** A snapshot in the registry, with the properties that decide which exports may use it. */
export const SnapshotReference = z.object({
  snapshotId: z.string(),
  finishedAt: isoMoment,
  pages: wholeNumber,
  evidence: z.boolean(),
  /** True when a crawl has made it, false for a refresh. */
  isFull: z.boolean(),
  isComplete: z.boolean(),
});
export type SnapshotReference = z.infer<typeof SnapshotReference>;

/** The properties that a snapshot must have. A property that is false or missing is not required. */
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

/**
 * Adds the reference as the newest. Removes each older reference when the new one meets every demand that it meets.
 */
export function addReference(references: SnapshotReference[], added: SnapshotReference): SnapshotReference[] {
  return [
    added,
    ...references.filter((known) => known.snapshotId !== added.snapshotId && !meets(added, known)),
  ];
}

/** Returns the newest snapshot that meets the demand. */
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
