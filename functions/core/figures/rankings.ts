import { addDecimal, compareDecimals, type Decimal, zeroDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import type { Row } from "../report/report-row.ts";
import type { OfferAmount } from "./currency-sums.ts";

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

/** Keeps the first so many by an order, of however many go by. */
export type TopList<T> = { most: number; compare: (a: T, b: T) => number; entries: T[] };

export function openTopList<T>(most: number, compare: (a: T, b: T) => number): TopList<T> {
  return { most, compare, entries: [] };
}

/** Holds twice as many before it sorts, so that a sort is rare. */
export function addToTopList<T>(list: TopList<T>, entry: T): void {
  list.entries.push(entry);
  if (list.entries.length >= list.most * 2) list.entries = readTopList(list);
}

/** Equal ones stand in the order in which they came. */
export function readTopList<T>({ entries, compare, most }: TopList<T>): T[] {
  return entries.toSorted(compare).slice(0, most);
}

/** A customer's open offers in one currency. */
export type CustomerTotal = {
  customerId: string | null;
  customerName: string | null;
  offers: number;
  value: Decimal;
};

/** By currency and then by the customer's id. */
export type CustomerTotals = Map<string, Map<string | null, CustomerTotal>>;

export function countCustomer(customers: CustomerTotals, row: Row, { currency, amount }: OfferAmount): void {
  const customer = openCustomer(customers, row, currency);
  customer.offers += 1;
  customer.customerName ??= clipText(row.customerName);
  addDecimal(customer.value, amount);
}

function openCustomer(customers: CustomerTotals, { customerId }: Row, currency: string): CustomerTotal {
  const byId = customers.get(currency) ?? new Map<string | null, CustomerTotal>();
  customers.set(currency, byId);
  const known = byId.get(customerId);
  if (known !== undefined) return known;
  const customer = { customerId: clipText(customerId), customerName: null, offers: 0, value: zeroDecimal() };
  byId.set(customerId, customer);
  return customer;
}

const maxCustomers = 10;

/** Those with the most open value in that currency. */
export function listTopCustomers(customers: CustomerTotals, currency: string | null): CustomerTotal[] {
  const byId = currency === null ? undefined : customers.get(currency);
  return [...(byId?.values() ?? [])].toSorted(compareCustomers).slice(0, maxCustomers);
}

function compareCustomers(a: CustomerTotal, b: CustomerTotal): number {
  return compareDecimals(b.value, a.value) || ((a.customerId ?? "") < (b.customerId ?? "") ? -1 : 1);
}
