import { type Day, dayMs, parseDay } from "../basics/calendar.ts";
import { releaseBlanks } from "../basics/safe-text.ts";
import type { ExportResult } from "../export/export-state.ts";
import { type IssueRange, type Options, resolveRange } from "../options/export-options.ts";
import { hasEveryStatus } from "../options/offer-filter.ts";
import type { MailLocale } from "./mail-message.ts";

type Report = { options: Options; result: ExportResult };

/** Names a report by its period of issue, and by its statuses unless the report includes every status. */
export function nameReport(options: Options, mailLocale: MailLocale): string {
  const { locale, format } = mailLocale;
  const period = nameIssuePeriod(resolveRange(options), mailLocale);
  const name =
    period === null
      ? locale.mail.allOffers(format.day(parseDay(options.asOf) ?? Number.NaN))
      : locale.mail.offersOf(period);
  if (hasEveryStatus(options)) return name;
  return `${name} (${options.status.map((status) => locale.statuses[status]).join(", ")})`;
}

/**
 * Writes the subject of a mail: one short line with the report's name, the number of offers and their value. The line
 * contains no personal data.
 */
export function writeSubject({ options, result }: Report, mailLocale: MailLocale): string {
  const { mail: words } = mailLocale.locale;
  const caveat = result.completeness === "complete" ? "" : ` (${words.uncertain})`;
  return releaseBlanks(`${nameReport(options, mailLocale)}: ${summarizeCount(result, mailLocale)}${caveat}`);
}

/**
 * Returns the number and the value of the open offers, since open offers need action. When no offer is open, returns
 * the number and the value of all offers in the report.
 */
function summarizeCount(
  { rows, statuses, figures, totals }: ExportResult,
  { locale, format }: MailLocale,
): string {
  const { mail: words } = locale;
  if (rows === 0) return words.noOffers;
  const currency = figures?.currency ?? null;
  const isOpen = statuses.open > 0;
  const value = isOpen ? figures?.statuses.open.value : totals[currency ?? ""];
  const count = isOpen
    ? `${format.count(statuses.open)} ${locale.statuses.open}`
    : words.countOffers(rows, format.count(rows));
  if (currency === null || value === undefined) return count;
  return `${count}, ${format.roundMoney({ value, currency })}`;
}

/** Returns the usual name of a period of issue, such as a month or a quarter; null when the period has no bounds. */
function nameIssuePeriod({ from, to }: IssueRange, { locale, format }: MailLocale): string | null {
  const { mail: words } = locale;
  if (from !== null && to !== null)
    return nameMonths(from, to + 1, { locale, format }) ?? words.between(format.day(from), format.day(to));
  if (from !== null) return words.from(format.day(from));
  return to === null ? null : words.to(format.day(to));
}

/**
 * Returns the name of a whole month, quarter or year; null for any other period. `end` is the day after the period's
 * last day.
 */
function nameMonths(from: Day, end: Day, { locale, format }: MailLocale): string | null {
  const [start, next] = [new Date(from * dayMs), new Date(end * dayMs)];
  if (start.getUTCDate() !== 1 || next.getUTCDate() !== 1) return null;
  const month = start.getUTCMonth();
  const months = (next.getUTCFullYear() - start.getUTCFullYear()) * 12 + next.getUTCMonth() - month;
  const year = String(start.getUTCFullYear());
  if (months === 1) return format.month(from);
  if (months === 3 && month % 3 === 0) return locale.mail.quarter(month / 3 + 1, year);
  return months === 12 && month === 0 ? year : null;
}
