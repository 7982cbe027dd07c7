import { addDecimal, compareDecimals, type Decimal, zeroDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import type { Row } from "../report/report-row.ts";
import type { OfferAmount } from "./currency-sums.ts";

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

const mostCustomers = 10;

/** Those with the most open value in that currency. */
export function listTopCustomers(customers: CustomerTotals, currency: string | null): CustomerTotal[] {
  const byId = currency === null ? undefined : customers.get(currency);
  return [...(byId?.values() ?? [])].toSorted(compareCustomers).slice(0, mostCustomers);
}

function compareCustomers(a: CustomerTotal, b: CustomerTotal): number {
  return compareDecimals(b.value, a.value) || ((a.customerId ?? "") < (b.customerId ?? "") ? -1 : 1);
}
