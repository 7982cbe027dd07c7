import { type Day, dayMs } from "../basics/calendar.ts";
import type { MailLocale } from "./mail-message.ts";
import type { IssueRange } from "../options/options--period.ts";

/** Days of issue by the name that people have for them; null where all are meant. */
export function nameIssuePeriod({ from, to }: IssueRange, { locale, format }: MailLocale): string | null {
  const { letter: words } = locale;
  if (from !== null && to !== null)
    return nameMonths(from, to + 1, { locale, format }) ?? words.between(format.day(from), format.day(to));
  if (from !== null) return words.from(format.day(from));
  return to === null ? null : words.to(format.day(to));
}

/** A month, a quarter or a year; null of anything else. */
function nameMonths(from: Day, end: Day, { locale, format }: MailLocale): string | null {
  const [start, next] = [new Date(from * dayMs), new Date(end * dayMs)];
  if (start.getUTCDate() !== 1 || next.getUTCDate() !== 1) return null;
  const month = start.getUTCMonth();
  const months = (next.getUTCFullYear() - start.getUTCFullYear()) * 12 + next.getUTCMonth() - month;
  const year = String(start.getUTCFullYear());
  if (months === 1) return format.month(from);
  if (months === 3 && month % 3 === 0) return locale.letter.quarter(month / 3 + 1, year);
  return months === 12 && month === 0 ? year : null;
}
