/** An offer as two lists have it; null is the list that has it not. */
export type Pair = { id: string; before: string | null; after: string | null };

/**
 * Pairs what two lists tell of offers, each list being walked once and each id standing in it once. What has not met its
 * other yet is kept: where offers that stay keep their order, no more than have come and gone.
 */
export function openPairing(take: (pair: Pair) => void) {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  return {
    addBefore(id: string, text: string): void {
      const other = after.get(id);
      if (other === undefined) before.set(id, text);
      else if (after.delete(id)) take({ id, before: text, after: other });
    },
    addAfter(id: string, text: string): void {
      const other = before.get(id);
      if (other === undefined) after.set(id, text);
      else if (before.delete(id)) take({ id, before: other, after: text });
    },
    /** Whether it is the earlier list's turn: whichever waits for more of the other's is read less. */
    wantsBefore: () => before.size < after.size,
    /** Once both have been walked. */
    finish(): void {
      for (const [id, text] of before) take({ id, before: text, after: null });
      for (const [id, text] of after) take({ id, before: null, after: text });
      before.clear();
      after.clear();
    },
  };
}
