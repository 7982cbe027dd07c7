import { type Day, dayMs, parseDay } from "../basics/calendar.ts";
import { releaseBlanks } from "../basics/safe-text.ts";
import type { ExportResult } from "../export/export-state.ts";
import { type IssueRange, type Options, resolveRange } from "../options/options.ts";
import { hasEveryStatus } from "../sheets/report-wording.ts";
import type { MailLocale } from "./mail-message.ts";

type Report = { options: Options; result: ExportResult };

/** Which offers the report is about. */
export function nameReport(options: Options, speech: MailLocale): string {
  const { locale, format } = speech;
  const span = nameIssuePeriod(resolveRange(options), speech);
  const name =
    span === null
      ? locale.mail.allOffers(format.day(parseDay(options.asOf) ?? Number.NaN))
      : locale.mail.offersOf(span);
  if (hasEveryStatus(options)) return name;
  return `${name} (${options.status.map((status) => locale.statuses[status]).join(", ")})`;
}

/** What, when and how much: one short line without personal data. */
export function writeSubject({ options, result }: Report, speech: MailLocale): string {
  const { mail: words } = speech.locale;
  const doubt = result.completeness === "complete" ? "" : ` (${words.uncertain})`;
  return releaseBlanks(`${nameReport(options, speech)}: ${countMain(result, speech)}${doubt}`);
}

/** The open offers are what is left to do; where there are none, all of them. */
function countMain(
  { rows, statuses, figures, totals }: ExportResult,
  { locale, format }: MailLocale,
): string {
  const { mail: words } = locale;
  if (rows === 0) return words.noOffers;
  const currency = figures?.currency ?? null;
  const isOpen = statuses.open > 0;
  const value = isOpen ? figures?.statuses.open.value : totals[currency ?? ""];
  const counted = isOpen
    ? `${format.count(statuses.open)} ${locale.statuses.open}`
    : words.countOffers(rows, format.count(rows));
  if (currency === null || value === undefined) return counted;
  return `${counted}, ${format.roundMoney({ value, currency })}`;
}

/** Days of issue by the name that people have for them; null where all are meant. */
export function nameIssuePeriod({ from, to }: IssueRange, { locale, format }: MailLocale): string | null {
  const { mail: words } = locale;
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
  if (months === 3 && month % 3 === 0) return locale.mail.quarter(month / 3 + 1, year);
  return months === 12 && month === 0 ? year : null;
}
