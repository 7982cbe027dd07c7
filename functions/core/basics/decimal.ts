import Big from "big.js";

/** An exact decimal number: `units` × 10^-`scale`. `addDecimal` changes its argument `sum` in place. */
export type Decimal = { units: bigint; scale: number };

export function zeroDecimal(): Decimal {
  return { units: 0n, scale: 0 };
}

/** Reads a decimal without an exponent, such as an offer's amount. */
export function parseDecimal(text: string): Decimal {
  const point = text.indexOf(".");
  if (point === -1) return { units: BigInt(text), scale: 0 };
  const units = BigInt(text.slice(0, point) + text.slice(point + 1));
  return { units, scale: text.length - point - 1 };
}

export function addDecimal(sum: Decimal, amount: Decimal): void {
  if (amount.scale > sum.scale) {
    sum.units = raise(sum, amount.scale);
    sum.scale = amount.scale;
  }
  sum.units += amount.scale === sum.scale ? amount.units : raise(amount, sum.scale);
}

export function negateDecimal({ units, scale }: Decimal): Decimal {
  return { units: -units, scale };
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = align(a, b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Writes the exact number with at least two decimals. From the third decimal on, zeros at the end are left out. */
export function formatDecimal({ units, scale }: Decimal): string {
  const exact = new Big(`${units}e-${scale}`);
  const decimals = exact.toFixed().split(".")[1]?.length ?? 0;
  return exact.toFixed(Math.max(2, decimals));
}

/**
 * Returns the share of `part` in `whole` from 0 to 1, rounded to four decimals. Returns null when `whole` is zero or
 * negative. Also returns null when the share is below 0 or above 1, which happens when some amounts are negative.
 */
export function calculateShare(part: Decimal, whole: Decimal): number | null {
  const [left, right] = align(part, whole);
  if (left < 0n || right <= 0n || left > right) return null;
  return Number((left * 20_000n + right) / (right * 2n)) / 10_000;
}

function align(a: Decimal, b: Decimal): [bigint, bigint] {
  const scale = Math.max(a.scale, b.scale);
  return [raise(a, scale), raise(b, scale)];
}

function raise({ units, scale }: Decimal, to: number): bigint {
  return to === scale ? units : units * 10n ** BigInt(to - scale);
}
