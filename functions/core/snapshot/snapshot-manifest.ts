import * as z from "zod";
import { manifestKey, partKey, readTimesKey } from "../basics/bucket-keys.ts";
import { isoMoment, wholeNumber } from "../basics/stored-values.ts";
import { anomalies, type CrawlState, notes } from "../crawl/crawl-state.ts";

/**
 * A snapshot is the list of offers as one crawl or refresh found it. The offers are stored in several objects in the
 * bucket, the parts of the snapshot. The manifest says which of the parts are valid.
 *
 * Example: three windows of a crawl wrote parts 1 to 3. The pages of part 2 were read again and are in part 3, so the
 * manifest says `parts: 3` and `voidParts: [2]`. The snapshot's offers are those of parts 1 and 3.
 */

/** An object that an attempt of a step has stored: the attempt's id, and the SHA-256 of the object's bytes. */
export const StoredObject = z.object({ attempt: z.string(), sha256: z.string() });
export type StoredObject = z.infer<typeof StoredObject>;

/**
 * A stored part of a snapshot. Several attempts of a step may have stored an object for the same part. Only the
 * object that the step's result names belongs to the snapshot.
 */
export const StoredPart = StoredObject.extend({ number: wholeNumber });
export type StoredPart = z.infer<typeof StoredPart>;

/**
 * The key of an object and the SHA-256 of its bytes. `sha256` is null for objects that an earlier version of this
 * program wrote.
 */
export type ObjectLocation = { key: string; sha256: string | null };

export type SnapshotParts = {
  id: string;
  parts: number;
  voidParts: number[];
  stored?: StoredPart[] | undefined;
};

/** Returns the keys of the valid parts of a snapshot, in the order of their numbers. */
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

/** Returns the void parts that are stored, as if they were the only parts of the snapshot. */
export function selectVoidParts({ id, parts, voidParts, stored = [] }: SnapshotParts): SnapshotParts {
  const kept = stored.filter(({ number }) => voidParts.includes(number));
  const others = listCounted({ parts, voidParts: kept.map(({ number }) => number) });
  return { id, parts, voidParts: others, stored: kept };
}

/** Returns the numbers of the valid parts of a snapshot, in ascending order. */
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
  /** The numbers of the parts that are not valid, because their pages were read again. */
  voidParts: z.array(wholeNumber),
  pages: wholeNumber,
  /**
   * The number of offers in the valid parts. An offer that is in two parts counts twice. Readers of the snapshot skip
   * the second copy of the offer.
   */
  offers: wholeNumber,
  requests: wholeNumber,
  evidence: z.boolean(),
  /** The anomalies of the crawl: reasons why the snapshot may lack offers. */
  doubts: z.array(z.enum(anomalies)),
  /**
   * Contradictions in the portal's answers that the crawl has resolved. They do not put the completeness of the
   * snapshot in doubt.
   */
  notes: z.array(z.enum(notes)).default([]),
  /** `full`: a crawl has read every offer. `refresh`: a refresh has brought an earlier snapshot up to date. */
  method: z.enum(crawlMethods).default("full"),
  /** The number of requests that a refresh has saved, compared with a crawl. */
  saved: wholeNumber.default(0),
  /**
   * The ranges of the list that the rotation of refreshes must still read again in its present cycle. A range begins
   * at position `at` and ends before position `until`.
   */
  heads: z.array(z.object({ at: wholeNumber, until: wholeNumber })).default([]),
  /**
   * The valid parts, with the attempts that wrote them. A valid part may be missing here when an earlier version of
   * this program wrote it. The key of such a part contains no attempt.
   */
  stored: z.array(StoredPart).optional(),
  /** The object that says when each offer of a refreshed snapshot was read. */
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

/** Returns the keys of the snapshot's objects: the manifest, the valid parts and the read times. */
export function listKeys(manifest: SnapshotManifest): string[] {
  const { id, method, vintages } = manifest;
  const parts = locateParts(manifest).map(({ key }) => key);
  const readAt = method === "refresh" ? [readTimesKey(id, vintages?.attempt)] : [];
  return [manifestKey(id), ...parts, ...readAt];
}

/** A snapshot in the registry, with the properties that decide which exports may use the snapshot. */
export const SnapshotReference = z.object({
  snapshotId: z.string(),
  finishedAt: isoMoment,
  pages: wholeNumber,
  evidence: z.boolean(),
  /** True when a crawl has made the snapshot; false when a refresh has made it. */
  isFull: z.boolean(),
  isComplete: z.boolean(),
});
export type SnapshotReference = z.infer<typeof SnapshotReference>;

/** The properties that an export needs a snapshot to have. A property that is false or missing is not needed. */
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
 * Adds the reference as the newest one. Removes an older reference when the new snapshot has all the properties
 * that the older one has.
 */
export function addReference(references: SnapshotReference[], added: SnapshotReference): SnapshotReference[] {
  return [
    added,
    ...references.filter((known) => known.snapshotId !== added.snapshotId && !meets(added, known)),
  ];
}

/** Returns the newest snapshot that has the demanded properties; null when there is none. */
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
