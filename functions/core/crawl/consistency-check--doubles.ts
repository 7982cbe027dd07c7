import type { CrawlState } from "./crawl-state.ts";

/** Where an offer stands: in which part, and behind how many offers of all parts. */
type Place = { part: number; offers: number };

/**
 * Finds offers that stand in two parts of a crawl although nothing explains it. A part may begin with pages that
 * were read before, and behind them with as many offers as have entered at page 1 and pushed others on.
 *
 * Example: two offers enter between two windows. The first two offers of the later part then stand in the part
 * before it too. A third one, or one farther down, was never pushed there: the order of the list is not one.
 */
export function createDuplicateCheck({ rereads, entries }: Pick<CrawlState, "rereads" | "entries">) {
  const placeOf = new Map<string, Place>();
  let isDoubled = false;
  let offers = 0;
  /** The parts before, and how many offers they hold. */
  let before: number[] = [];
  let sizes: number[] = [];
  /** Offers of a window that was read again which the parts since have not come to yet. */
  let mended = 0;

  const countEntered = (part: number) => entries.findLast((entry) => entry.part <= part)?.entered ?? 0;

  /** To be called with the parts that count, in their order. */
  function addPart(part: number, ids: readonly string[]): void {
    const again = rereads.filter((reread) => reread.part === part);
    const reread = again.reduce((sum, { offers: count }) => sum + count, mended);
    const isMending = mended > 0 || again.some(({ isMend }) => isMend);
    const recent = isMending ? sizes.reduce((sum, size) => sum + size, 0) : 0;
    // The part's window is looked at again when the next one is read.
    const shift = 2 * (countEntered(part + 1) - countEntered(before.at(-2) ?? 0));
    for (const [row, id] of ids.entries()) {
      const known = placeOf.get(id);
      // Rows that were read again count as a part of their own.
      const own = row < reread ? part - 0.5 : part;
      const isElsewhere = known !== undefined && known.part !== own;
      const maxBack = row < reread ? reread + recent + shift : shift;
      isDoubled ||= isElsewhere && !(row < reread + shift && offers - known.offers <= maxBack);
      placeOf.set(id, { part: own, offers });
      if (row >= reread) offers += 1;
    }
    sizes = [...sizes, ids.length].slice(-3);
    before = [...before, part].slice(-2);
    mended = isMending ? Math.max(0, reread - ids.length) : 0;
  }

  return { addPart, isDoubled: () => isDoubled, has: (id: string) => placeOf.has(id) };
}
