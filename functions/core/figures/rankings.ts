import { addDecimal, compareDecimals, type Decimal, zeroDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import type { Row } from "../report/report-row.ts";
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
export type TopList<T> = { max: number; compare: (a: T, b: T) => number; entries: T[] };

export function openTopList<T>(max: number, compare: (a: T, b: T) => number): TopList<T> {
  return { max, compare, entries: [] };
}

/** Adds an entry. The list is sorted and cut only when it has grown to twice `max`, so that sorting is rare. */
export function addToTopList<T>(list: TopList<T>, entry: T): void {
  list.entries.push(entry);
  if (list.entries.length >= list.max * 2) list.entries = readTopList(list);
}

/** Returns the first `max` entries in the list's order. Equal entries keep the order in which they were added. */
export function readTopList<T>({ entries, compare, max }: TopList<T>): T[] {
  return entries.toSorted(compare).slice(0, max);
}

/** The number and the value of a customer's open offers in one currency. */
export type CustomerTotal = {
  customerId: string | null;
  customerName: string | null;
  offers: number;
  value: Decimal;
};

/** The totals of customers, by currency and then by the customer's id. */
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

/** Returns the customers whose open offers have the highest value in the currency, at most ten. */
export function listTopCustomers(customers: CustomerTotals, currency: string | null): CustomerTotal[] {
  const byId = currency === null ? undefined : customers.get(currency);
  return [...(byId?.values() ?? [])].toSorted(compareCustomers).slice(0, maxCustomers);
}

function compareCustomers(a: CustomerTotal, b: CustomerTotal): number {
  return compareDecimals(b.value, a.value) || ((a.customerId ?? "") < (b.customerId ?? "") ? -1 : 1);
}
