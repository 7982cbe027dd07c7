import Big from "big.js";
import { languageTags } from "../basics/languages.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Locale } from "./locale.ts";

/** A null currency is that of figures in which no amount could be read. */
export type Money = { value: string; currency: string | null };

type Style = {
  decimals: 0 | 2;
  /** For differences: a plus too. */
  isSigned?: boolean;
};

/** A portal may call anything a currency, and give an amount a thousand digits. */
export const maxCurrencyUnits = 10;
const mostUnits = 24;

/** As the language writes money, rounded from the exact decimal. */
export function formatMoney({ value, currency }: Money, locale: Locale, style: Style): string {
  const isIso = currency !== null && /^[A-Z]{3}$/.test(currency) && currency !== noCurrency;
  if (isIso && isPlain(value)) return createFormat(locale, style, currency).format(value);
  const number = isPlain(value) ? createFormat(locale, style).format(value) : shortenNumber(value);
  if (currency === null) return number;
  const name = currency === noCurrency ? locale.summary.noCurrency : sanitizeText(currency, maxCurrencyUnits);
  return `${number} ${name}`;
}

function isPlain(value: string): value is Intl.StringNumericLiteral {
  return /^-?\d+(\.\d+)?$/.test(value) && value.length <= mostUnits;
}

function createFormat(
  { language }: Locale,
  { decimals, isSigned = false }: Style,
  currency?: string,
): Intl.NumberFormat {
  return new Intl.NumberFormat(languageTags[language], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: isSigned ? "exceptZero" : "auto",
    ...(currency === undefined ? {} : { style: "currency", currency }),
  });
}

/** Too long for a line, or cut already where it came from. */
function shortenNumber(value: string): string {
  try {
    return new Big(value).toExponential(2);
  } catch {
    return sanitizeText(value, mostUnits);
  }
}
