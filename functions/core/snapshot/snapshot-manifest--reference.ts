import * as z from "zod";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import type { SnapshotManifest } from "./snapshot-manifest.ts";

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

export function referToSnapshot({ id, finishedAt, pages, evidence, method, doubts }: SnapshotManifest): SnapshotReference {
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
export function findNewestSnapshot(references: SnapshotReference[], demand: Demand = {}): SnapshotReference | null {
  return references.find((reference) => meets(reference, demand)) ?? null;
}

function meets(reference: SnapshotReference, { evidence, isFull, isComplete }: Demand): boolean {
  return (
    (!evidence || reference.evidence) &&
    (!isFull || reference.isFull) &&
    (!isComplete || reference.isComplete)
  );
}
