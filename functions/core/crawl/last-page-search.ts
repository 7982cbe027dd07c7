import { ExportError } from "../basics/errors.ts";
import { isBeyondEnd, isSamePage, type OfferPage, type PageReader } from "./offer-page.ts";

/**
 * Finds the last page of the list by looking at rows. Page N is the last page when page N+1 was requested and has no
 * rows of its own. A page has no rows of its own when it is empty, or when it repeats page 1 or the last page. The
 * portal's field `next_page_url` is only a hint where to search.
 *
 * Example: pages 1 to 4 have rows, and page 2 says that it is the last page. Page 3 is requested and has rows, so page
 * 2 was wrong. Page 4 also says that it is the last page, and page 5 has no rows. So page 4 is the last page.
 */

/** The result of a search for the last page. */
export type End =
  | { kind: "end"; page: OfferPage; oddity: EndOddity | null }
  /**
   * The list has rows after its supposed end, and the search continues at `page`. When the search has read page 1
   * again, `topIds` holds the new ids of page 1.
   */
  | { kind: "more"; page: OfferPage; topIds?: string[] };

/**
 * A contradiction of the portal. The last page announces a next page, but the next page has no rows (`contradicted`) or
 * repeats page 1 (`repeated`).
 */
type EndOddity = "contradicted" | "repeated";

/**
 * `fromPage` is the number of a page with rows, or 0. `first` is a page after it: it is empty, repeats page 1 or says
 * that it is the last page. `isNear` is true when the end of the list is probably close to `first`.
 */
type Search = { fromPage: number; first: OfferPage; topIds: string[]; isNear: boolean };

/** The search is repeated when the list shrinks during the search. At most this many searches are made. */
const maxLooks = 3;

export async function findLastPage(search: Search, reader: PageReader): Promise<End> {
  const { first, topIds, fromPage } = search;
  if (isPast(first, topIds)) {
    const rows = await findBehind(first, reader);
    if (rows !== null) return { kind: "more", page: rows };
    if (first.ids.length === 0 || fromPage > 0) return await narrowEnd(search, reader);
    const second = await reader.readPage(2);
    // Page `first` repeats page 1. When page 2 does so too, the portal ignores the page number of a request, or the
    // answer for page 1 was wrong.
    if (isSamePage(first, second)) {
      const top = await reader.readPage(1);
      if (isSamePage(top, second)) throw circularListError(first.number);
      return { kind: "more", page: second, topIds: top.ids };
    }
    return isPast(second, topIds)
      ? await narrowEnd(search, reader)
      : await narrowEnd({ ...search, fromPage: 2 }, reader);
  }
  const next = await reader.readPage(first.number + 1);
  if (isSamePage(first, next)) return await findFirstRepeat(search, reader);
  const rows = isPast(next, topIds) ? await findBehind(next, reader) : next;
  return rows === null ? { kind: "end", page: first, oddity: null } : { kind: "more", page: rows };
}

/** True when the page has no rows of its own: it is empty or repeats page 1. */
export function isPast({ number, ids }: Pick<OfferPage, "number" | "ids">, topIds: string[]): boolean {
  return ids.length === 0 || (number > 1 && isSamePage({ ids }, { ids: topIds }));
}

/**
 * After an empty page, at most this many more pages are read to find rows. When all of them are empty, the list has
 * ended.
 */
const maxGapPages = 5;

/**
 * Reads the pages after `empty` as long as they have no rows but announce another page. Returns the first page with
 * rows; null when the list has ended.
 */
export async function findBehind(empty: OfferPage, reader: PageReader): Promise<OfferPage | null> {
  let page = empty;
  for (let gap = 0; gap < maxGapPages && page.ids.length === 0 && !isBeyondEnd(page); gap += 1)
    page = await reader.readPage(page.number + 1);
  return page === empty || page.ids.length === 0 ? null : page;
}

/**
 * Searches for the last page between the pages `fromPage` and `first`. Page `first` is after the end of the list, and
 * page `fromPage` has rows unless it is 0. When the end is probably close to `first`, the search goes back from `first`
 * in steps that double. Otherwise each request halves the range.
 */
async function narrowEnd({ fromPage, first, topIds, isNear }: Search, reader: PageReader): Promise<End> {
  let low = fromPage;
  let high = first.number;
  let lowPage: OfferPage | null = null;
  let step = isNear ? 1 : Infinity;
  for (let looks = 0; looks < maxLooks; looks += 1) {
    while (high - low > 1) {
      const middle: number = lowPage?.isLast ? low + 1 : Math.max(high - step, Math.floor((low + high) / 2));
      const page = await reader.readPage(middle);
      if (isPast(page, topIds)) high = middle;
      else [low, lowPage] = [middle, page];
      step *= 2;
    }
    if (lowPage?.isLast) return { kind: "end", page: lowPage, oddity: null };
    const end = await confirmEnd({ low, topIds }, reader);
    if (end !== null) return end;
    // The list has shrunk during the search, so the next search starts before page `low`. It starts further back each
    // time.
    [low, high, lowPage] = [Math.max(0, low - 2 ** (looks + 1)), Math.max(1, low), null];
  }
  throw contradictoryPage(high);
}

/**
 * Reads page `low + 1`, because page `low` has announced it, and then reads page `low` again. Returns the result of the
 * search; null when page `low` has no rows any more.
 */
async function confirmEnd(
  { low, topIds }: { low: number; topIds: string[] },
  reader: PageReader,
): Promise<End | null> {
  const [next] = await reader.readPages([low + 1]);
  const rows = next !== undefined && isPast(next, topIds) ? await findBehind(next, reader) : next;
  if (rows) return { kind: "more", page: rows };
  const page = await reader.readPage(Math.max(1, low));
  if (isPast(page, topIds)) return low <= 1 ? { kind: "end", page: endAt(page), oddity: null } : null;
  if (page.isLast) return { kind: "end", page, oddity: null };
  if (next === undefined || next.ids.length === 0)
    return { kind: "end", page: endAt(page), oddity: "contradicted" };
  // Page 1 may have changed after `topIds` were read. Then `next` may repeat the new page 1, so page 1 is read again.
  const top = await reader.readPage(1);
  return isSamePage(top, next)
    ? { kind: "end", page: endAt(page), oddity: "repeated" }
    : { kind: "more", page: next, topIds: top.ids };
}

/**
 * Finds the last page when the portal repeats it for every higher page number. The first page with the repeated rows is
 * the last page.
 */
async function findFirstRepeat({ fromPage, first, topIds }: Search, reader: PageReader): Promise<End> {
  let low = fromPage;
  let last = first;
  let asked = first.number + 1;
  while (last.number - low > 1) {
    const page = await reader.readPage(Math.floor((low + last.number) / 2));
    if (isSamePage(page, first)) [asked, last] = [last.number, page];
    else low = page.number;
  }
  if (asked === last.number + 1) return { kind: "end", page: last, oddity: null };
  const next = await reader.readPage(last.number + 1);
  if (!isSamePage(next, first) && !isPast(next, topIds))
    // Page 1 has just shown the repeated rows, so the pages behind the end repeat page 1 and not the last page.
    return { kind: "more", page: next, ...(last.number === 1 && { topIds: last.ids }) };
  return { kind: "end", page: last, oddity: null };
}

function endAt(page: OfferPage): OfferPage {
  return { ...page, isLast: true, isUnclaimed: !page.isLast };
}

/** Returns the error for a portal that contradicts itself about a page. */
export function contradictoryPage(page: number): ExportError {
  const detail =
    `The portal answers page ${page} as if the list had ended before it, yet announces it or has later pages. ` +
    "Try again later; if it stays so, ask the portal's support.";
  return new ExportError("portal", "portal_contradicts_itself", detail);
}

/**
 * The list counts as circular after this many pages in a row without a new offer. A bulk import during a crawl also
 * makes the portal repeat pages, but fewer pages than this.
 */
const maxStalePages = 20;

/** At most this many pages of a window are read again because they repeat page 1. */
const maxRepeats = 3;

/**
 * Reads the pages again that repeat page 1, because one wrong answer is no circular list. Returns all pages. When more
 * than `maxRepeats` pages repeat page 1, the answers are no accident, and no page is read again.
 */
export async function rereadRepeats(
  pages: OfferPage[],
  topIds: string[],
  reader: PageReader,
): Promise<OfferPage[]> {
  const repeats = pages.filter((page) => page.ids.length > 0 && isPast(page, topIds));
  if (repeats.length === 0 || repeats.length > maxRepeats) return pages;
  const again = await reader.readPages(repeats.map(({ number }) => number));
  return pages.map((page) => again.find(({ number }) => number === page.number) ?? page);
}

/**
 * Throws when the list goes in circles. It does when `maxStalePages` pages in a row show no new offer, or when a page
 * after page `maxStalePages` shows the same offers as page 1.
 */
export function assertNotCircular(pages: OfferPage[], topIds: string[]): void {
  const seen = new Set<string>();
  let stalePages = 0;
  for (const page of pages) {
    const { number, ids, isLast } = page;
    const hasNewOffer = ids.some((id) => !seen.has(id));
    stalePages = hasNewOffer || isLast ? 0 : stalePages + 1;
    const repeatsTop = number > maxStalePages && ids.length > 0 && isSamePage(page, { ids: topIds });
    if (stalePages >= maxStalePages || repeatsTop) throw circularListError(number);
    for (const id of ids) seen.add(id);
  }
}

function circularListError(page: number): ExportError {
  const detail =
    `The portal announces page after page, but up to page ${page} it shows offers that it has shown before. ` +
    "Try again later; if it stays so, ask the portal's support.";
  return new ExportError("portal", "portal_repeats", detail);
}
