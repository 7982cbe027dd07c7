import { ExportError } from "./error.ts";
import { type RawOffer, readId } from "./offer.ts";
import type { Page } from "./page.ts";

/** What tells a list from one that goes in circles: the ids of page 1 and of the newest pages. */
export type Repeats = { firstIds: string[]; lastPagesIds: string[][]; stalePages: number };

/** Pages in a row without an offer that had not been seen before. */
const mostStalePages = 5;

export const noRepeats: Repeats = { firstIds: [], lastPagesIds: [], stalePages: 0 };

export type RepeatWatch = {
  /** Takes the pages in their order; throws when they keep coming and bring nothing new. */
  see: (page: Page) => void;
  state: () => Repeats;
};

export function watchRepeats(begun: Repeats): RepeatWatch {
  const seen = new Set([...begun.firstIds, ...begun.lastPagesIds.flat()]);
  let { firstIds, lastPagesIds, stalePages } = begun;

  function see(page: Page): void {
    const ids = listIds(page.offers);
    const isFresh = ids.length < page.offers.length || ids.some((id) => !seen.has(id));
    stalePages = isFresh || page.isLast ? 0 : stalePages + 1;
    if (stalePages >= mostStalePages)
      throw new ExportError("portal", "portal_repeats", describeRepeats(page.number));
    for (const id of ids) seen.add(id);
    if (page.number === 1) firstIds = ids;
    lastPagesIds = [...lastPagesIds, ids].slice(-mostStalePages);
  }

  return { see, state: () => ({ firstIds, lastPagesIds, stalePages }) };
}

function listIds(offers: RawOffer[]): string[] {
  return offers.map(readId).filter((id) => id !== null);
}

function describeRepeats(page: number): string {
  return (
    `The portal announces page after page, but ${mostStalePages} in a row up to page ${page} held no offer that ` +
    "had not been seen before. Try again later; if it stays so, ask the portal's support."
  );
}
