import * as z from "zod";
import { partKey } from "../basics/bucket-keys.ts";
import { wholeNumber } from "../basics/stored-values.ts";

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
export function locateParts({ id, stored = [], ...counted }: SnapshotParts): (ObjectLocation & { number: number })[] {
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
