import type { Day } from "../basics/calendar.ts";
import { compareDecimals, type Decimal, zeroDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import { createTextNumbers, reserveItem } from "../basics/string-set.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import type { Row } from "../report/report-row.ts";
import type { OfferAmount } from "./currency-sums.ts";
import { openPackedSums, type PackedSum } from "./packed-sums.ts";
import { addToTopList, openTopList, readTopList } from "./rankings.ts";

type CustomerRow = Pick<Row, "customerId" | "customerName" | "status" | "issuedAt">;

/**
 * The offers of each customer, by status and currency. A million customers with one offer each take about 45 MB. The
 * offers without a customer count as those of one more customer, whose id is null.
 */
export type CustomerTotals = {
  add: (row: CustomerRow, amount: OfferAmount | null) => void;
  /** Yields the customers that have offers, as numbers. */
  list: () => Generator<number>;
  /** Returns a customer's offers by status, with values in the currency. A status without offers has no sum. */
  readSums: (customer: number, currency: string | null) => CustomerSums;
  /** Returns the customer's id, clipped; null for the customer without an id. */
  readId: (customer: number) => string | null;
  /** Returns the first name in the customer's rows, clipped; null when there is none. */
  readName: (customer: number) => string | null;
  /** Returns the latest issue date of the customer's offers; null when none of their dates can be read. */
  readLastIssue: (customer: number) => Day | null;
  /** Yields the customers' ids. */
  listIds: () => Generator<string>;
};

/** `valued` is the number of offers with an amount in the currency, and `value` is the sum of their amounts. */
export type CustomerSum = { offers: number; valued: number; value: Decimal };
export type CustomerSums = Partial<Record<Status, CustomerSum>>;

const firstLength = 1024;
const noDay = -(2 ** 31);

/** The number of the customer without an id. The number of any other customer is its number among the ids plus 1. */
const nobody = 0;

/** States how a customer is named. Names that differ from the id are few or shared, so a map keeps them. */
const [nameless, namedById, named] = [0, 1, 2];

export function openCustomerTotals(): CustomerTotals {
  const ids = createTextNumbers();
  const names = new Map<number, string>();
  const currencies = openCurrencyNumbers();
  const packed = openPackedSums();
  let naming = new Uint8Array(firstLength);
  let lastIssued = new Int32Array(firstLength).fill(noDay);

  function addName(customer: number, { customerId, customerName }: CustomerRow): void {
    naming = reserveItem(naming, customer, (length) => new Uint8Array(length));
    if (customerName === null || naming[customer] !== nameless) return;
    naming[customer] = customerName === customerId ? namedById : named;
    if (customerName !== customerId) names.set(customer, customerName);
  }

  function addDay(customer: number, day: Day | null): void {
    lastIssued = reserveItem(lastIssued, customer, (length) => new Int32Array(length).fill(noDay));
    if (day !== null && day > (lastIssued[customer] ?? noDay)) lastIssued[customer] = day;
  }

  function readId(customer: number): string | null {
    return customer === nobody ? null : clipText(ids.read(customer - 1));
  }

  return {
    add(row, amount) {
      const customer = row.customerId === null ? nobody : ids.add(row.customerId) + 1;
      const currency = amount === null ? noAmount : currencies.add(amount.currency);
      packed.add(customer, currency * statuses.length + statuses.indexOf(row.status), amount?.amount ?? null);
      addName(customer, row);
      addDay(customer, row.issuedAt);
    },
    *list() {
      for (let customer = nobody; customer <= ids.size(); customer += 1)
        if (packed.has(customer)) yield customer;
    },
    readSums(customer, currency) {
      const wanted = currency === null ? noAmount : currencies.find(currency);
      return joinSums(packed.read(customer), wanted);
    },
    readId,
    readName: (customer) =>
      naming[customer] === namedById ? readId(customer) : clipText(names.get(customer) ?? null),
    readLastIssue(customer) {
      const day = lastIssued[customer] ?? noDay;
      return day === noDay ? null : day;
    },
    *listIds() {
      for (let number = 0; number < ids.size(); number += 1) yield ids.read(number);
    },
  };
}

/** Joins the sums of each status. Their offers are counted in all currencies, and valued in the wanted one. */
function joinSums(sums: PackedSum[], wanted: number): CustomerSums {
  const joined: CustomerSums = {};
  for (const { key, offers, value } of sums) {
    const status = statuses[key % statuses.length];
    if (status === undefined) continue;
    const sum = (joined[status] ??= { offers: 0, valued: 0, value: zeroDecimal() });
    sum.offers += offers;
    if (wanted === noAmount || Math.floor(key / statuses.length) !== wanted) continue;
    sum.valued = offers;
    sum.value = value;
  }
  return joined;
}

/** The number that stands in place of a currency for offers without an amount. */
const noAmount = 0;

/** Numbers the currencies from 1. */
function openCurrencyNumbers() {
  const numbers = new Map<string, number>();
  let last = { currency: "", number: noAmount };

  function add(currency: string): number {
    if (currency === last.currency && last.number !== noAmount) return last.number;
    const number = numbers.get(currency) ?? numbers.size + 1;
    numbers.set(currency, number);
    last = { currency, number };
    return number;
  }

  return { add, find: (currency: string) => numbers.get(currency) ?? noAmount };
}

/** The number and the value of a customer's open offers in one currency. */
export type OpenCustomer = {
  customerId: string | null;
  customerName: string | null;
  offers: number;
  value: Decimal;
};

const maxTopCustomers = 10;

/** Returns the customers whose open offers have the highest value in the currency, at most ten. */
export function listTopCustomers(customers: CustomerTotals, currency: string | null): OpenCustomer[] {
  const top = openTopList(maxTopCustomers, compareOpenCustomers);
  for (const customer of customers.list()) {
    const { open } = customers.readSums(customer, currency);
    if (open === undefined || open.valued === 0) continue;
    const customerId = customers.readId(customer);
    addToTopList(top, { customer, customerId, offers: open.valued, value: open.value });
  }
  return readTopList(top).map(({ customer, customerId, offers, value }) => {
    return { customerId, customerName: customers.readName(customer), offers, value };
  });
}

type Ranked = Omit<OpenCustomer, "customerName"> & { customer: number };

function compareOpenCustomers(a: Ranked, b: Ranked): number {
  return compareDecimals(b.value, a.value) || ((a.customerId ?? "") < (b.customerId ?? "") ? -1 : 1);
}
