import { type Calendar, type Day, dayMs, type Moment } from "../basics/calendar.ts";
import { languageTags } from "../basics/languages.ts";
import type { Locale } from "./locale.ts";
import { formatMoney, type Money } from "./locales--money.ts";

export type LocaleFormat = ReturnType<typeof createLocaleFormat>;

/** How a language writes numbers, money, days and moments in a mail; moments are told on the calendar's clock. */
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
    /** In whole units: the cents stand elsewhere. */
    roundMoney: (sum: Money) => formatMoney(sum, locale, { decimals: 0 }),
    difference: (sum: Money) => formatMoney(sum, locale, { decimals: 2, isSigned: true }),
    day: (given: Day) => holdDay(day.format(given * dayMs)),
    shortDay: (given: Day) => shortDay.format(given * dayMs),
    /** Of a day. */
    month: (given: Day) => month.format(given * dayMs),
    moment: (given: Moment) => holdDay(moment.format(given + calendar.offsetMs(given))),
    bytes: (bytes: number) => formatBytes(bytes, tag),
  };
}

/** A day and its month stand in one line. */
function holdDay(text: string): string {
  return text.replace(" ", "\u00a0");
}

function formatBytes(bytes: number, tag: string): string {
  const [unit, size] = bytes < 1_000_000 ? ["kilobyte", 1_000] : ["megabyte", 1_000_000];
  return new Intl.NumberFormat(tag, { style: "unit", unit, maximumFractionDigits: 0 }).format(
    Math.max(1, bytes / size),
  );
}
