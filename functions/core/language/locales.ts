import Big from "big.js";
import { type Calendar, type Day, dayMs, type Moment } from "../basics/calendar.ts";
import { type Language, languageTags } from "../basics/languages.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Locale } from "./locale.ts";
import { dutchLocale } from "./report-dutch.ts";
import { englishLocale } from "./report-english.ts";

export type LocaleFormat = ReturnType<typeof createLocaleFormat>;

/**
 * Returns functions that format numbers, money, days and moments in a mail. Moments are in the calendar's time zone.
 */
export function createLocaleFormat(locale: Locale, calendar: Calendar) {
  const tag = languageTags[locale.language];
  const count = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(tag);
  const shape = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" });
  const day = shape({ dateStyle: "long" });
  const shortDay = shape({ dateStyle: "medium" });
  const month = shape({ month: "long", year: "numeric" });
  const moment = shape({ dateStyle: "long", timeStyle: "short" });
  return {
    count: (number: number) => count.format(number),
    share: (share: number | null) => (share === null ? "–" : percent.format(share)),
    list: (texts: string[]) => list.format(texts),
    money: (sum: Money) => formatMoney(sum, locale, { decimals: 2 }),
    /** Rounds money to whole units, to keep the mail's subject short. The body of the mail shows the cents. */
    roundMoney: (sum: Money) => formatMoney(sum, locale, { decimals: 0 }),
    difference: (sum: Money) => formatMoney(sum, locale, { decimals: 2, isSigned: true }),
    day: (given: Day) => keepTogether(day.format(given * dayMs)),
    shortDay: (given: Day) => shortDay.format(given * dayMs),
    /** Formats the month and the year of the given day. */
    month: (given: Day) => month.format(given * dayMs),
    moment: (given: Moment) => keepTogether(moment.format(given + calendar.offsetMs(given))),
    bytes: (bytes: number) => formatBytes(bytes, tag),
  };
}

/** Puts a no-break space after the day of a date, so that a line never ends between the day and the month. */
function keepTogether(text: string): string {
  return text.replace(" ", "\u00a0");
}

function formatBytes(bytes: number, tag: string): string {
  const [unit, size] = bytes < 1_000_000 ? ["kilobyte", 1_000] : ["megabyte", 1_000_000];
  return new Intl.NumberFormat(tag, { style: "unit", unit, maximumFractionDigits: 0 }).format(
    Math.max(1, bytes / size),
  );
}

/** A sum of money. The currency is null when no amount is readable. */
export type Money = { value: string; currency: string | null };

type Style = {
  decimals: 0 | 2;
  /** True for a difference, which shows a plus sign before a positive number. */
  isSigned?: boolean;
};

/**
 * At most this many characters of a currency and of a number are shown. A portal may give any text as a currency, and
 * an amount may have a thousand digits.
 */
export const maxCurrencyUnits = 10;
const maxNumberUnits = 24;

/** Formats money as the language does, and rounds the exact decimal to `style.decimals` decimals. */
export function formatMoney({ value, currency }: Money, locale: Locale, style: Style): string {
  const isIso = currency !== null && /^[A-Z]{3}$/.test(currency) && currency !== noCurrency;
  if (isIso && isPlain(value)) return createMoneyFormat(locale, style, currency).format(value);
  const number = isPlain(value) ? createMoneyFormat(locale, style).format(value) : shortenNumber(value);
  if (currency === null) return number;
  const name = currency === noCurrency ? locale.summary.noCurrency : sanitizeText(currency, maxCurrencyUnits);
  return `${number} ${name}`;
}

function isPlain(value: string): value is Intl.StringNumericLiteral {
  return /^-?\d+(\.\d+)?$/.test(value) && value.length <= maxNumberUnits;
}

function createMoneyFormat(
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

/**
 * Shortens a number that is too long for a line. A number that the report has already cut cannot be parsed, so it is
 * cut as text.
 */
function shortenNumber(value: string): string {
  try {
    return new Big(value).toExponential(2);
  } catch {
    return sanitizeText(value, maxNumberUnits);
  }
}

export const locales: Record<Language, Locale> = { nl: dutchLocale, en: englishLocale };
