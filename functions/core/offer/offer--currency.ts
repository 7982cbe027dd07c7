import { tidyText } from "../basics/safe-text--blank.ts";
import { clipText } from "../basics/safe-text.ts";

const isoCode = /^[A-Z]{3}$/;
const known = new Map<string, string | null>();
const maxKnown = 1000;
const maxKnownUnits = 100;

/**
 * The currency as sums are made in it: texts that differ only in case, width, blanks or what cannot be seen are one.
 * Null where nothing is to be seen.
 */
export function foldCurrency(currency: string | null): string | null {
  if (currency === null || isoCode.test(currency)) return currency;
  const found = known.get(currency);
  if (found !== undefined) return found;
  const folded = clipText(tidyText(currency.normalize("NFKC")).replaceAll(" ", "").toUpperCase()) || null;
  if (known.size >= maxKnown) known.clear();
  if (currency.length <= maxKnownUnits) known.set(currency, folded);
  return folded;
}

export function isIsoCode(currency: string | null): currency is string {
  return currency !== null && isoCode.test(currency);
}
