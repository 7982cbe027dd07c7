import { type Language, languageTags } from "../../core/basics/languages.ts";
import { dutchWords, type PageWords } from "./page-dutch.ts";
import { englishWords } from "./page-english.ts";

export type PageFormat = ReturnType<typeof createPageFormat>;

/** Creates functions that write numbers, money and moments in the language, and in the browser's time zone. */
export function createPageFormat(language: Language) {
  const tag = languageTags[language];
  const count = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: "percent" });
  const clock = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" });
  const moment = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeZone: "UTC" });
  const date = new Intl.DateTimeFormat(tag, { dateStyle: "medium" });
  const month = new Intl.DateTimeFormat(tag, { month: "long", year: "numeric", timeZone: "UTC" });
  const monthName = new Intl.DateTimeFormat(tag, { month: "long", timeZone: "UTC" });
  const shortMonth = new Intl.DateTimeFormat(tag, { month: "short", timeZone: "UTC" });
  const monthLetter = new Intl.DateTimeFormat(tag, { month: "narrow", timeZone: "UTC" });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  return {
    count: (number: number) => count.format(number),
    share: (share: number | null) => (share === null ? "–" : percent.format(share)),
    money: (value: string, currency: string | null) => formatMoney(value, currency, tag),
    clock: (time: string | number) => clock.format(new Date(time)),
    moment: (time: string) => moment.format(new Date(time)),
    /** Takes a day as `YYYY-MM-DD`. */
    day: (text: string) => (text === "" ? "…" : day.format(new Date(text))),
    date: (time: string) => date.format(new Date(time)),
    /** Takes a month as `YYYY-MM`. */
    month: (text: string) => month.format(new Date(text)),
    monthName: (text: string) => monthName.format(new Date(text)),
    shortMonth: (text: string) => shortMonth.format(new Date(text)).replace(".", ""),
    monthLetter: (text: string) => monthLetter.format(new Date(text)),
    /** Returns null for an age of less than a minute. */
    age: (time: string, nowMs: number) => formatAge(nowMs - Date.parse(time), relative),
    bytes: (bytes: number) => formatBytes(bytes, tag),
  };
}

/** Rounds the amount to whole units of the currency. The exported file shows the cents too. */
function formatMoney(value: string, currency: string | null, tag: string): string {
  const options = { maximumFractionDigits: 0 };
  const amount = Number(value);
  if (Number.isNaN(amount)) return value;
  // `Intl` throws for a currency code that does not have three letters.
  if (currency === null || !/^[A-Z]{3}$/.test(currency) || currency === "XXX")
    return new Intl.NumberFormat(tag, options).format(amount);
  return new Intl.NumberFormat(tag, { ...options, style: "currency", currency }).format(amount);
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

function formatAge(ageMs: number, relative: Intl.RelativeTimeFormat): string | null {
  const [unit, unitMs] = units.find(([, ms]) => ageMs >= ms) ?? [];
  return unit === undefined || unitMs === undefined
    ? null
    : relative.format(-Math.floor(ageMs / unitMs), unit);
}

function formatBytes(bytes: number, tag: string): string {
  const [unit, size] = bytes < 1_000_000 ? ["kilobyte", 1_000] : ["megabyte", 1_000_000];
  const maximumFractionDigits = bytes < 10_000_000 && bytes >= 1_000_000 ? 1 : 0;
  return new Intl.NumberFormat(tag, { style: "unit", unit, maximumFractionDigits }).format(
    Math.max(1, bytes / size),
  );
}

export const pageWords: Record<Language, PageWords> = { nl: dutchWords, en: englishWords };

/** A language of the page, with its texts and its formats of numbers and dates. */
export type PageLocale = { language: Language; words: PageWords; format: PageFormat };

export function createPageLocale(language: Language): PageLocale {
  return {
    language,
    words: pageWords[language],
    format: createPageFormat(language),
  };
}
