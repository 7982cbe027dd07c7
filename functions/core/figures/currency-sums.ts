import { addDecimal, type Decimal, parseDecimal, zeroDecimal } from "../basics/decimal.ts";
import { foldCurrency } from "../offer/offer.ts";
import type { Row } from "../report/report-row.ts";

/** A number of offers, and the exact sum of their readable amounts per currency. */
export type OfferTotals = { offers: number; sums: Map<string, Decimal> };

/** An offer's amount, parsed once and added to several sums. */
export type OfferAmount = { currency: string; amount: Decimal };

/** The ISO 4217 code for "no currency". Sums use this code for amounts without a currency. */
export const noCurrency = "XXX";

/** Returns the amount and the currency of a row; null when the amount cannot be read. */
export function readOfferAmount({ amount, currency }: Pick<Row, "amount" | "currency">): OfferAmount | null {
  if (amount === null) return null;
  return { currency: foldCurrency(currency) ?? noCurrency, amount: parseDecimal(amount) };
}

export function emptyTotals(): OfferTotals {
  return { offers: 0, sums: new Map() };
}

export function emptyTotalsBy<Name extends string>(names: readonly Name[]): Record<Name, OfferTotals> {
  const entries = names.map((name) => [name, emptyTotals()]);
  return Object.fromEntries(entries);
}

export function countOffer(totals: OfferTotals, amount: OfferAmount | null): void {
  totals.offers += 1;
  if (amount !== null) addDecimal(openSum(totals, amount.currency), amount.amount);
}

export function sumTotals(parts: Iterable<OfferTotals>): OfferTotals {
  const total = emptyTotals();
  for (const { offers, sums } of parts) {
    total.offers += offers;
    for (const [currency, sum] of sums) addDecimal(openSum(total, currency), sum);
  }
  return total;
}

export function readCurrencySum({ sums }: OfferTotals, currency: string | null): Decimal {
  return (currency === null ? undefined : sums.get(currency)) ?? zeroDecimal();
}

function openSum({ sums }: OfferTotals, currency: string): Decimal {
  const known = sums.get(currency);
  if (known !== undefined) return known;
  const sum = zeroDecimal();
  sums.set(currency, sum);
  return sum;
}
