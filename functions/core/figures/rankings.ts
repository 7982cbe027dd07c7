import { compareDecimals } from "../basics/decimal.ts";
import type { OfferAmount } from "./currency-sums.ts";

/**
 * An item of a ranking, ranked by its amount (`worth`). Among items with the same amount, the item with the fewest
 * days comes first.
 */
export type RankedItem<T> = { item: T; worth: OfferAmount | null; days: number };

/** Keeps the `max` most valuable items of each currency, and `max` items without an amount. */
export type Ranking<T> = { max: number; byCurrency: Map<string | null, TopList<RankedItem<T>>> };

export function openRanking<T>(max: number): Ranking<T> {
  return { max, byCurrency: new Map() };
}

export function addRanked<T>({ max, byCurrency }: Ranking<T>, ranked: RankedItem<T>): void {
  const currency = ranked.worth?.currency ?? null;
  const list = byCurrency.get(currency) ?? openTopList<RankedItem<T>>(max, compareRanked);
  byCurrency.set(currency, list);
  addToTopList(list, ranked);
}

function compareRanked(a: RankedItem<unknown>, b: RankedItem<unknown>): number {
  if (a.worth === null || b.worth === null) return a.days - b.days;
  return compareDecimals(b.worth.amount, a.worth.amount) || a.days - b.days;
}

/**
 * Returns at most `max` items. Items of the main currency come first, then items of other currencies, and items
 * without an amount last. Within a currency, the most valuable item comes first.
 */
export function listRanking<T>({ max, byCurrency }: Ranking<T>, main: string | null): T[] {
  const rank = (currency: string | null) => (currency === main ? 0 : Number(currency === null) + 1);
  return [...byCurrency]
    .toSorted(([a], [b]) => rank(a) - rank(b) || ((a ?? "") < (b ?? "") ? -1 : 1))
    .flatMap(([, list]) => readTopList(list).map(({ item }) => item))
    .slice(0, max);
}

/** Keeps the first `max` entries in the order of `compare`, however many entries are added. */
export type TopList<T> = {
  max: number;
  compare: (a: T, b: T) => number;
  entries: T[];
  /** The last entry after the list was cut. No entry that would follow it is added any more. */
  last: T | null;
};

export function openTopList<T>(max: number, compare: (a: T, b: T) => number): TopList<T> {
  return { max, compare, entries: [], last: null };
}

/** Adds an entry. The list is sorted and cut only when it has grown to twice `max`, so that sorting is rare. */
export function addToTopList<T>(list: TopList<T>, entry: T): void {
  if (list.last !== null && list.compare(entry, list.last) >= 0) return;
  list.entries.push(entry);
  if (list.entries.length < list.max * 2) return;
  list.entries = readTopList(list);
  list.last = list.entries.at(-1) ?? null;
}

/** Returns the first `max` entries in the list's order. Equal entries keep the order in which they were added. */
export function readTopList<T>({ entries, compare, max }: TopList<T>): T[] {
  return entries.toSorted(compare).slice(0, max);
}
