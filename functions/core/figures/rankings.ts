import { compareDecimals } from "../basics/decimal.ts";
import type { OfferAmount } from "./currency-sums.ts";
import { addToTopList, openTopList, readTopList, type TopList } from "./rankings--shortlist.ts";

/** `days` decides between those of one worth, the fewest first. */
export type RankedItem<T> = { item: T; worth: OfferAmount | null; days: number };

/** The most valuable of each currency, and those without an amount. */
export type Ranking<T> = { most: number; byCurrency: Map<string | null, TopList<RankedItem<T>>> };

export function openRanking<T>(most: number): Ranking<T> {
  return { most, byCurrency: new Map() };
}

export function addRanked<T>({ most, byCurrency }: Ranking<T>, ranked: RankedItem<T>): void {
  const currency = ranked.worth?.currency ?? null;
  const list = byCurrency.get(currency) ?? openTopList<RankedItem<T>>(most, compareRanked);
  byCurrency.set(currency, list);
  addToTopList(list, ranked);
}

function compareRanked(a: RankedItem<unknown>, b: RankedItem<unknown>): number {
  if (a.worth === null || b.worth === null) return a.days - b.days;
  return compareDecimals(b.worth.amount, a.worth.amount) || a.days - b.days;
}

/** The most valuable first: those in the main currency, then the others, those without an amount last. */
export function listRanking<T>({ most, byCurrency }: Ranking<T>, main: string | null): T[] {
  const rank = (currency: string | null) => (currency === main ? 0 : Number(currency === null) + 1);
  return [...byCurrency]
    .toSorted(([a], [b]) => rank(a) - rank(b) || ((a ?? "") < (b ?? "") ? -1 : 1))
    .flatMap(([, list]) => readTopList(list).map(({ item }) => item))
    .slice(0, most);
}
