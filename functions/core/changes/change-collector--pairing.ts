/** What two lists tell of an offer; null is the list that has it not. */
export type OfferPair = { id: string; before: string | null; after: string | null };

/**
 * Pairs what two lists tell of offers, each list being walked once. What has not met its other yet is kept: where
 * offers that stay keep their order, no more than have come and gone, and what was read ahead of the later list.
 */
export function openPairing(take: (pair: OfferPair) => void) {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  return {
    /** The first of an id counts. */
    addBefore(id: string, text: string): void {
      const other = after.get(id);
      if (other !== undefined && after.delete(id)) take({ id, before: text, after: other });
      else if (!before.has(id)) before.set(id, text);
    },
    /** Each id once. */
    addAfter(id: string, text: string): void {
      const other = before.get(id);
      if (other !== undefined && before.delete(id)) take({ id, before: other, after: text });
      else after.set(id, text);
    },
    /** Whether it is the earlier list's turn: the side of which less waits is read on. */
    wantsBefore: () => before.size <= after.size,
    /** Once both have been walked. What waits although the later list has its id has stood twice in the earlier. */
    finish(isGone: (id: string) => boolean): void {
      for (const [id, text] of before) if (isGone(id)) take({ id, before: text, after: null });
      for (const [id, text] of after) take({ id, before: null, after: text });
    },
  };
}
