import { addDecimal, type Decimal, parseDecimal, zero } from "../basics/decimal.ts";
import { foldCurrency } from "../offer/offer--currency.ts";
import type { Row } from "../report/report-row.ts";

/** A number of offers, and the exact sums of those amounts that could be read, per currency. */
export type Measure = { offers: number; sums: Map<string, Decimal> };

/** What one offer is worth, read once for all the sums it goes into. */
export type Worth = { currency: string; amount: Decimal };

/** ISO 4217 for "no currency". */
export const noCurrency = "XXX";

/** Null where the amount could not be read. */
export function readWorth({ amount, currency }: Pick<Row, "amount" | "currency">): Worth | null {
  if (amount === null) return null;
  return { currency: foldCurrency(currency) ?? noCurrency, amount: parseDecimal(amount) };
}

export function emptyMeasure(): Measure {
  return { offers: 0, sums: new Map() };
}

/** One of each, by its name. */
export function emptyMeasures<Name extends string>(names: readonly Name[]): Record<Name, Measure> {
  const entries = names.map((name) => [name, emptyMeasure()]);
  return Object.fromEntries(entries);
}

export function countOffer(measure: Measure, worth: Worth | null): void {
  measure.offers += 1;
  if (worth !== null) addDecimal(openSum(measure, worth.currency), worth.amount);
}

export function sumMeasures(measures: Iterable<Measure>): Measure {
  const total = emptyMeasure();
  for (const { offers, sums } of measures) {
    total.offers += offers;
    for (const [currency, sum] of sums) addDecimal(openSum(total, currency), sum);
  }
  return total;
}

export function readSum({ sums }: Measure, currency: string | null): Decimal {
  return (currency === null ? undefined : sums.get(currency)) ?? zero();
}

function openSum({ sums }: Measure, currency: string): Decimal {
  const known = sums.get(currency);
  if (known !== undefined) return known;
  const sum = zero();
  sums.set(currency, sum);
  return sum;
}
