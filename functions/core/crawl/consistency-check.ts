import type { RawOffer } from "../offer/offer.ts";
import { addAnomaly, type CrawlState, type ListDirection } from "./crawl-state.ts";
import {
  countUnseen,
  type OfferPage,
  type PageReader,
  wasCreatedAfter,
  wasCreatedBefore,
} from "./offer-page.ts";

/**
 * Finds anomalies. A crawl assumes that offers keep their order and that new offers appear at only one end of the list.
 * An anomaly is a change of the list that contradicts this. When a window reads a page again, the page is compared with
 * what it showed before. At the end of the crawl, offers that stand in two parts of the snapshot are an anomaly unless
 * the crawl can explain them.
 *
 * Example: page 5 first shows offers A B C D. If it then shows A C B D, the list was reordered. If it shows A X B C,
 * offer X was inserted between offers that were there before. If it shows X A B C, the list has only shifted, which is
 * allowed.
 */

/** The page that one request has shown. */
type PageView = { number: number; ids: string[]; isLast: boolean; offers?: RawOffer[] };

/**
 * Returns how many new offers have appeared on page 1 between two requests. `before` and `after` are the ids that the
 * page showed. New offers stand before the first id that both lists hold. Returns null when the lists share no id, but
 * 0 when both are empty.
 */
export function countNewOffers(before: string[], after: string[]): number | null {
  if (before.length === 0) return after.length === 0 ? 0 : null;
  const known = new Set(before);
  const entered = after.findIndex((id) => known.has(id));
  return entered < 0 ? null : entered;
}

/**
 * Compares what one page showed at two requests. Returns the crawl with the findings: anomalies, the number of new
 * offers on page 1, and the end of the list where new offers appear.
 */
export function compareViews(known: CrawlState, before: PageView, after: PageView): CrawlState {
  let crawl = known;
  if (!isOrdered(before.ids, after.ids)) crawl = addAnomaly(crawl, "reordered");
  if (hasInserted(before.ids, after.ids)) crawl = addAnomaly(crawl, "inserted");
  const entered = after.number === 1 ? countNewOffers(before.ids, after.ids) : 0;
  const hasEntered = (entered ?? 0) > 0;
  if (hasEntered) crawl = noteDirection(crawl, "near");
  if (hasGrown(before, after)) crawl = noteDirection(crawl, "far");
  const hasOldOffer = listEntered(before, after).some((offer) => wasCreatedBefore(offer, crawl.startedMs));
  if (hasOldOffer) crawl = addAnomaly(crawl, "reordered");
  if (entered === null && before.ids.length > 0) crawl = noteReplacedPage(crawl, after);
  return hasEntered ? noteNewOffers(crawl, after.ids.slice(0, entered ?? 0)) : crawl;
}

/** A crawl remembers the ids of at most this many new offers, because each step stores them. */
const maxNewIds = 60;

function noteNewOffers(crawl: CrawlState, ids: string[]): CrawlState {
  // A window whose proof is left to the next window compares page 1 with the same earlier answer again.
  const added = ids.filter((id) => !crawl.newIds.includes(id));
  const newIds = [...added, ...crawl.newIds].slice(0, maxNewIds);
  return { ...crawl, entered: crawl.entered + added.length, newIds };
}

/**
 * Returns the crawl's state after page 1 was read. Counts the offers that have appeared on it since the last window was
 * proved.
 */
export function noteTop(crawl: CrawlState, top: OfferPage): CrawlState {
  const { seamPlace, topIds } = crawl;
  const entered = countNewOffers(topIds ?? [], top.ids);
  const before = seamPlace?.entered ?? null;
  const sum = entered === null || before === null ? null : before + entered;
  const isNew = wasCreatedAfter(top.offers[0], crawl.startedMs);
  const place = seamPlace && { ...seamPlace, entered: sum };
  return { ...crawl, topIds: top.ids, seamPlace: place, hasNewTop: crawl.hasNewTop || isNew };
}

/**
 * Adds an anomaly, because page 1 shows none of its earlier offers. The anomaly is `slid` when an offer on the page is
 * older than the crawl, and otherwise `restless`.
 */
function noteReplacedPage(crawl: CrawlState, { offers = [] }: PageView): CrawlState {
  return addAnomaly(
    crawl,
    offers.some((offer) => wasCreatedBefore(offer, crawl.startedMs)) ? "slid" : "restless",
  );
}

/**
 * Returns the offers that have appeared at an end of the list. On page 1, they stand before the first offer that
 * `before` also shows. On the former last page, they stand after the last offer that `before` also shows.
 */
function listEntered(before: PageView, { number, ids, offers = [], ...after }: PageView): RawOffer[] {
  const isKnown = ids.map((id) => before.ids.includes(id));
  if (!isKnown.includes(true)) return [];
  const near = number === 1 ? offers.slice(0, isKnown.indexOf(true)) : [];
  const far = hasGrown(before, { number, ids, ...after }) ? offers.slice(isKnown.lastIndexOf(true) + 1) : [];
  return [...near, ...far];
}

function isOrdered(before: string[], after: string[]): boolean {
  const places = after.map((id) => before.indexOf(id)).filter((place) => place >= 0);
  return places.every((place, index) => place >= (places[index - 1] ?? 0));
}

/** True when `after` shows a new offer between two offers of `before`. */
function hasInserted(before: string[], after: string[]): boolean {
  const isKnown = after.map((id) => before.includes(id));
  return isKnown.slice(isKnown.indexOf(true), isKnown.lastIndexOf(true)).includes(false);
}

/** True when `before` was the last page, and the list now continues after the last offer of `before`. */
function hasGrown(before: PageView, { ids, isLast }: PageView): boolean {
  const lastId = before.ids.at(-1);
  if (!before.isLast || lastId === undefined || !ids.includes(lastId)) return false;
  return !isLast || ids.at(-1) !== lastId;
}

function noteDirection(crawl: CrawlState, end: ListDirection): CrawlState {
  if (crawl.grows === null) return { ...crawl, grows: end };
  return crawl.grows === end ? crawl : addAnomaly(crawl, "twosided");
}

/**
 * `reader` records each page that it reads. `addFindings` compares these pages, and adds what it finds to the crawl's
 * state.
 */
type ConsistencyCheck = { reader: PageReader; addFindings: (crawl: CrawlState) => CrawlState };

/**
 * Starts the check of one window. The check compares the two readings of a page that the window reads twice. It also
 * compares page 1 and the previous window's probe page with what the previous window saw.
 */
export function openConsistencyCheck(reader: PageReader, { topIds, open }: CrawlState): ConsistencyCheck {
  const seen = new Map<number, PageView>();
  const pairs: [PageView, PageView][] = [];
  let isMiscounted = false;
  let highest: OfferPage | null = null;
  let maxRows = 0;
  if (topIds !== null) seen.set(1, { number: 1, ids: topIds, isLast: false });
  if (open !== null) {
    const { farPage: number, farIds: ids } = open;
    seen.set(number, { number, ids, isLast: open.isLast && !open.isUnclaimed });
  }

  function record(page: OfferPage): OfferPage {
    const before = seen.get(page.number);
    if (before !== undefined) pairs.push([before, page]);
    seen.set(page.number, page);
    isMiscounted ||= page.isMiscounted;
    maxRows = Math.max(maxRows, page.ids.length);
    if (page.ids.length > 0 && page.number >= (highest?.number ?? 0)) highest = page;
    return page;
  }

  function addFindings(crawl: CrawlState): CrawlState {
    let checked = isMiscounted ? addAnomaly(crawl, "miscounted") : crawl;
    for (const [before, after] of pairs) checked = compareViews(checked, before, after);
    return noteHighest(noteEntries(compareRows(checked, maxRows), crawl.entered), highest);
  }

  return {
    reader: {
      readPage: async (number) => record(await reader.readPage(number)),
      readPages: async (numbers) => (await reader.readPages(numbers)).map(record),
      left: () => reader.left(),
    },
    addFindings,
  };
}

/**
 * Adds an anomaly when a page before the list's last page had fewer offers than another page. Such a page may lack an
 * offer.
 */
function compareRows(crawl: CrawlState, rows: number): CrawlState {
  const maxRows = Math.max(crawl.maxRows, rows);
  const isShort = crawl.minRows !== null && crawl.minRows < maxRows;
  return { ...(isShort ? addAnomaly(crawl, "miscounted") : crawl), maxRows };
}

function noteEntries(crawl: CrawlState, enteredBefore: number): CrawlState {
  const { entered, parts, entries } = crawl;
  if (entered === enteredBefore) return crawl;
  const others = entries.filter(({ part }) => part !== parts);
  return { ...crawl, entries: [...others, { part: parts, entered }] };
}

function noteHighest(crawl: CrawlState, page: OfferPage | null): CrawlState {
  if (page === null || page.number < (crawl.highest?.number ?? 0)) return crawl;
  return { ...crawl, highest: { number: page.number, ids: page.ids } };
}

/**
 * The place at which the check last found an offer. `part` is the index of the part of the snapshot. `offers` counts
 * all offers before that place, without rereads.
 */
type Place = { part: number; offers: number };

/** The facts that can explain why an offer stands in two parts. */
type Explanation = Pick<CrawlState, "rereads" | "entries" | "entered" | "newIds" | "minOffers">;

/**
 * Finds offers that stand in two parts of the snapshot without an explanation. There are two explanations. First, the
 * offer was read again (a reread): then it stands at the start of the later part. Second, new offers on page 1 have
 * pushed the offer from the earlier part into the later one: then it stands right after the rereads. The check allows
 * two pushed offers for each new offer.
 *
 * Example: two offers appear on page 1 between two windows. Then the first two offers of the later part also stand in
 * the part before it. The check allows up to four such offers. When the tenth offer of the later part also stands in
 * the earlier part, the new offers cannot have pushed it there. So the list has changed its order.
 *
 * An offer that is new on page 1 also counts as found twice when it stands elsewhere in the list: one of the two pages
 * was wrong, and shows the offer in the place of another one. The same holds when a repair does not show as many unseen
 * offers as the previous part lacks, and when the snapshot and the new offers together are fewer than the list has had.
 */
export function createDuplicateCheck({ rereads, entries, entered, ...expected }: Explanation) {
  const newIds = new Set(expected.newIds);
  const placeOf = new Map<string, Place>();
  let previous = new Set<string>();
  let isDoubled = false;
  let offers = 0;
  /**
   * `before` holds the indexes of the last two parts. `sizes` holds the number of offers in each of the last three
   * parts.
   */
  let before: number[] = [];
  let sizes: number[] = [];
  /**
   * A repair may have more offers than the newest part. Then the next part starts with the rest of the repair, and this
   * is the number of offers in the rest.
   */
  let mended = 0;

  const countEntered = (part: number) => entries.findLast((entry) => entry.part <= part)?.entered ?? 0;

  /**
   * Adds one part of the snapshot to the check. The parts must be added in their order, without the parts in
   * `voidParts`.
   */
  function addPart(part: number, ids: readonly string[]): void {
    const again = rereads.filter((reread) => reread.part === part);
    const reread = again.reduce((sum, { offers: count }) => sum + count, mended);
    const isMending = mended > 0 || again.some(({ isMend }) => isMend);
    isDoubled ||= again.some(
      ({ offers: count, unseen }) =>
        unseen !== undefined && countUnseen(ids.slice(0, count), previous) !== unseen,
    );
    const recent = isMending ? sizes.reduce((sum, size) => sum + size, 0) : 0;
    // `part + 1` also counts the offers that appeared while the next part was read, because this part's window is
    // proved only at that time.
    const shift = 2 * (countEntered(part + 1) - countEntered(before.at(-2) ?? 0));
    for (const [row, id] of ids.entries()) {
      const known = placeOf.get(id);
      // Rereads count as a part of their own, which lies between the previous part and this one.
      const own = row < reread ? part - 0.5 : part;
      const isElsewhere = known !== undefined && known.part !== own;
      const maxBack = row < reread ? reread + recent + shift : shift;
      isDoubled ||= isElsewhere && !(row < reread + shift && offers - known.offers <= maxBack);
      // A part may start with page 1, which was read again. A repair may show new offers of the part that it repairs.
      const isAgain = row < reread && (!isMending || previous.has(id));
      isDoubled ||= !isAgain && offers >= entered && newIds.has(id);
      placeOf.set(id, { part: own, offers });
      if (row >= reread) offers += 1;
    }
    previous = new Set(ids);
    sizes = [...sizes, ids.length].slice(-3);
    before = [...before, part].slice(-2);
    mended = isMending ? Math.max(0, reread - ids.length) : 0;
  }

  /** True when offers were shown in the place of others. All parts must have been added. */
  function hasDoubled(): boolean {
    const collected = [...newIds].filter((id) => placeOf.has(id)).length;
    return isDoubled || placeOf.size + Math.max(0, entered - collected) < expected.minOffers;
  }

  return { addPart, isDoubled: hasDoubled, has: (id: string) => placeOf.has(id) };
}

/**
 * Returns `size` items of the list at even distances, including the first and the last item. Returns all items when the
 * list has at most `size`.
 */
export function spreadSample<T>(all: readonly T[], size: number): T[] {
  if (all.length <= size) return [...all];
  const step = (all.length - 1) / (size - 1);
  return Array.from({ length: size }, (_, index) => all[Math.round(index * step)]).filter(
    (one) => one !== undefined,
  );
}
