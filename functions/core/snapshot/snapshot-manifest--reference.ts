import * as z from "zod";
import { count, moment } from "../basics/stored-values.ts";
import type { Manifest } from "./snapshot-manifest.ts";

/** A snapshot that there is, in so far as it decides who may use it. */
export const Reference = z.object({
  snapshotId: z.string(),
  finishedAt: moment,
  pages: count,
  evidence: z.boolean(),
  /** Whether every offer of it was read at once. */
  isFull: z.boolean(),
  isComplete: z.boolean(),
});
export type Reference = z.infer<typeof Reference>;

/** What a snapshot must have; what is false need not be so. */
type Demand = { evidence?: boolean; isFull?: boolean; isComplete?: boolean };

export function referTo({ id, finishedAt, pages, evidence, method, doubts }: Manifest): Reference {
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
export function addReference(references: Reference[], added: Reference): Reference[] {
  return [
    added,
    ...references.filter((known) => known.snapshotId !== added.snapshotId && !meets(added, known)),
  ];
}

/** The newest of the kind. */
export function findNewest(references: Reference[], demand: Demand = {}): Reference | null {
  return references.find((reference) => meets(reference, demand)) ?? null;
}

function meets(reference: Reference, { evidence, isFull, isComplete }: Demand): boolean {
  return (
    (!evidence || reference.evidence) &&
    (!isFull || reference.isFull) &&
    (!isComplete || reference.isComplete)
  );
}
