import type { RawOffer } from "../offer/offer.ts";
import { addAnomaly, type CrawlState, type ListDirection } from "./crawl-state.ts";
import { wasCreatedBefore } from "./consistency-check--newness.ts";

/** What a page showed, in so far as two of them can contradict the promise's assumptions. */
export type PageView = { number: number; ids: string[]; isLast: boolean; offers?: RawOffer[] };

/**
 * How many offers have entered at the list's near end between two looks at page 1: those before the first one
 * that it still shows. Null when it shows none.
 */
export function countNewOffers(before: string[], after: string[]): number | null {
  if (before.length === 0) return after.length === 0 ? 0 : null;
  const known = new Set(before);
  const entered = after.findIndex((id) => known.has(id));
  return entered < 0 ? null : entered;
}

/** The crawl with what two looks at one page tell: where offers enter, and what no assumption allows. */
export function compareViews(begun: CrawlState, before: PageView, after: PageView): CrawlState {
  let crawl = begun;
  if (!isOrdered(before.ids, after.ids)) crawl = addAnomaly(crawl, "reordered");
  if (hasInserted(before.ids, after.ids)) crawl = addAnomaly(crawl, "inserted");
  const entered = after.number === 1 ? countNewOffers(before.ids, after.ids) : 0;
  const hasEntered = (entered ?? 0) > 0;
  if (hasEntered) crawl = noteGrowth(crawl, "near");
  if (hasGrown(before, after)) crawl = noteGrowth(crawl, "far");
  const isMoved = listEntered(before, after).some((offer) => wasCreatedBefore(offer, crawl.startedMs));
  if (isMoved) crawl = addAnomaly(crawl, "reordered");
  if (entered === null && before.ids.length > 0) crawl = doubtReplaced(crawl, after);
  return hasEntered ? { ...crawl, entered: crawl.entered + (entered ?? 0) } : crawl;
}

/** More has entered than page 1 shows, so nobody knows how old it is; or a whole page has gone. */
function doubtReplaced(crawl: CrawlState, { offers = [] }: PageView): CrawlState {
  return addAnomaly(crawl, offers.some((offer) => wasCreatedBefore(offer, crawl.startedMs)) ? "slid" : "restless");
}

/** Offers that can only have come from outside: before the first known one on page 1, or behind the last one. */
function listEntered(before: PageView, { number, ids, offers = [], ...after }: PageView): RawOffer[] {
  const isKnown = ids.map((id) => before.ids.includes(id));
  if (!isKnown.includes(true)) return [];
  const near = number === 1 ? offers.slice(0, isKnown.indexOf(true)) : [];
  const far = hasGrown(before, { number, ids, ...after }) ? offers.slice(isKnown.lastIndexOf(true) + 1) : [];
  return [...near, ...far];
}

function isOrdered(before: string[], after: string[]): boolean {
  const places = after.map((id) => before.indexOf(id)).filter((place) => place >= 0);
  return places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0));
}

/** Whether an unknown offer stands between two that were neighbours, or had only offers between them that are gone. */
function hasInserted(before: string[], after: string[]): boolean {
  const isKnown = after.map((id) => before.includes(id));
  return isKnown.slice(isKnown.indexOf(true), isKnown.lastIndexOf(true)).includes(false);
}

/** Whether the list goes on behind what was its last offer. */
function hasGrown(before: PageView, { ids, isLast }: PageView): boolean {
  const lastId = before.ids.at(-1);
  if (!before.isLast || lastId === undefined || !ids.includes(lastId)) return false;
  return !isLast || ids.at(-1) !== lastId;
}

/** At both ends it is no list that grows at one. */
function noteGrowth(crawl: CrawlState, end: ListDirection): CrawlState {
  if (crawl.grows === null) return { ...crawl, grows: end };
  return crawl.grows === end ? crawl : addAnomaly(crawl, "twosided");
}
