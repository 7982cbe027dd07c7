import { addDecimal, type Decimal, parseDecimal, zeroDecimal } from "../basics/decimal.ts";
import { foldCurrency } from "../offer/offer.ts";
import type { Row } from "../report/report-row.ts";

/** A number of offers, and the exact sums of those amounts that could be read, per currency. */
export type OfferTotals = { offers: number; sums: Map<string, Decimal> };

/** What one offer is worth, read once for all the sums it goes into. */
export type OfferAmount = { currency: string; amount: Decimal };

/** ISO 4217 for "no currency". */
export const noCurrency = "XXX";

/** Null where the amount could not be read. */
export function readOfferAmount({ amount, currency }: Pick<Row, "amount" | "currency">): OfferAmount | null {
  if (amount === null) return null;
  return { currency: foldCurrency(currency) ?? noCurrency, amount: parseDecimal(amount) };
}

export function emptyTotals(): OfferTotals {
  return { offers: 0, sums: new Map() };
}

/** One of each, by its name. */
export function emptyTotalsBy<Name extends string>(names: readonly Name[]): Record<Name, OfferTotals> {
  const entries = names.map((name) => [name, emptyTotals()]);
  return Object.fromEntries(entries);
}

export function countOffer(measure: OfferTotals, worth: OfferAmount | null): void {
  measure.offers += 1;
  if (worth !== null) addDecimal(openSum(measure, worth.currency), worth.amount);
}

export function sumTotals(measures: Iterable<OfferTotals>): OfferTotals {
  const total = emptyTotals();
  for (const { offers, sums } of measures) {
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
