import type { Day } from "../basics/calendar.ts";
import { addDecimal, compareDecimals, type Decimal, negateDecimal, zeroDecimal } from "../basics/decimal.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import { readCurrencySum } from "./currency-sums.ts";
import type { CustomerSums, CustomerTotals } from "./customer-totals.ts";
import { byStatus, calculateConversion, type Conversion } from "./figures.ts";
import { addToTopList, openTopList, readTopList } from "./rankings.ts";
import type { FigureCounter } from "./report-totals.ts";

export type CountedValue = { offers: number; value: Decimal };

/** The offers of a customer, or of several ones, by status. */
export type OffersByStatus = {
  statuses: Record<Status, CountedValue>;
  total: CountedValue;
  conversion: Conversion;
};

export type ListedCustomer = OffersByStatus & {
  customerId: string | null;
  customerName: string | null;
  lastIssuedAt: Day | null;
};

/** The customers of a report: all of them are counted, and those with the most open value are listed. */
export type CustomerList = {
  customers: number;
  listed: ListedCustomer[];
  /** The customers that are not listed; null when all are listed. */
  rest: (OffersByStatus & { customers: number }) | null;
  total: OffersByStatus;
};

const maxListed = 5000;

/**
 * Returns the customers, with values in the currency. The customer with the highest value of open offers comes first,
 * then the one with more offers, then the first one by name. Call this function after the last row has been counted,
 * and only for a counter whose scope is every offer.
 */
export function listCustomers(counter: FigureCounter, currency: string | null): CustomerList {
  const { customers: totals } = counter;
  const top = openTopList<RankedCustomer>(maxListed, (a, b) => compareCustomers(totals, a, b));
  let customers = 0;
  for (const customer of totals.list()) {
    customers += 1;
    addToTopList(top, rankCustomer(customer, totals.readSums(customer, currency)));
  }
  const listed = readTopList(top).map(({ customer }) => describeCustomer(totals, customer, currency));
  const total = byStatus((status) => ({
    offers: counter.statuses[status].offers,
    value: readCurrencySum(counter.statuses[status], currency),
  }));
  const unlisted = customers - listed.length;
  const rest = unlisted === 0 ? null : { ...joinStatuses(subtract(total, listed)), customers: unlisted };
  return { customers, listed, rest, total: joinStatuses(total) };
}

/** Stands in place of a name that is not known, and follows every name. */
const lastName = "\u{10ffff}";

type RankedCustomer = { customer: number; openValue: Decimal; offers: number };

function rankCustomer(customer: number, sums: CustomerSums): RankedCustomer {
  const offers = Object.values(sums).reduce((count, sum) => count + sum.offers, 0);
  return { customer, openValue: sums.open?.value ?? zeroDecimal(), offers };
}

function compareCustomers(totals: CustomerTotals, a: RankedCustomer, b: RankedCustomer): number {
  const name = ({ customer }: RankedCustomer) =>
    totals.readName(customer) ?? totals.readId(customer) ?? lastName;
  return (
    compareDecimals(b.openValue, a.openValue) ||
    b.offers - a.offers ||
    compareTexts(name(a), name(b)) ||
    compareTexts(totals.readId(a.customer) ?? "", totals.readId(b.customer) ?? "")
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function describeCustomer(totals: CustomerTotals, customer: number, currency: string | null): ListedCustomer {
  const sums = totals.readSums(customer, currency);
  const parts = byStatus((status) => {
    const { offers, value } = sums[status] ?? { offers: 0, value: zeroDecimal() };
    return { offers, value };
  });
  return {
    customerId: totals.readId(customer),
    customerName: totals.readName(customer),
    lastIssuedAt: totals.readLastIssue(customer),
    ...joinStatuses(parts),
  };
}

function joinStatuses(parts: Record<Status, CountedValue>): OffersByStatus {
  const total = { offers: 0, value: zeroDecimal() };
  for (const status of statuses) {
    total.offers += parts[status].offers;
    addDecimal(total.value, parts[status].value);
  }
  return { statuses: parts, total, conversion: calculateConversion(parts) };
}

/** Returns what remains of the total without the listed customers. */
function subtract(
  total: Record<Status, CountedValue>,
  listed: ListedCustomer[],
): Record<Status, CountedValue> {
  return byStatus((status) => {
    const rest = { offers: total[status].offers, value: zeroDecimal() };
    addDecimal(rest.value, total[status].value);
    for (const { statuses: parts } of listed) {
      rest.offers -= parts[status].offers;
      addDecimal(rest.value, negateDecimal(parts[status].value));
    }
    return rest;
  });
}
