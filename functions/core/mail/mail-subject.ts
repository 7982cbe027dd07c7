import { parseDay } from "../basics/calendar.ts";
import type { ExportResult } from "../export/export-state.ts";
import { hasEveryStatus } from "../sheets/report-wording.ts";
import type { MailLocale } from "./mail-message.ts";
import type { Options } from "../options/options.ts";
import { resolveRange } from "../options/options--period.ts";
import { nameIssuePeriod } from "./mail-subject--span.ts";
import { releaseBlanks } from "../basics/safe-text--wrap.ts";

type Report = { options: Options; result: ExportResult };

/** Which offers the report is about. */
export function nameReport(options: Options, speech: MailLocale): string {
  const { locale, format } = speech;
  const span = nameIssuePeriod(resolveRange(options), speech);
  const name =
    span === null
      ? locale.letter.allOffers(format.day(parseDay(options.asOf) ?? Number.NaN))
      : locale.letter.offersOf(span);
  if (hasEveryStatus(options)) return name;
  return `${name} (${options.status.map((status) => locale.statuses[status]).join(", ")})`;
}

/** What, when and how much: one short line without personal data. */
export function writeSubject({ options, result }: Report, speech: MailLocale): string {
  const { letter: words } = speech.locale;
  const doubt = result.completeness === "complete" ? "" : ` (${words.uncertain})`;
  return releaseBlanks(`${nameReport(options, speech)}: ${countMain(result, speech)}${doubt}`);
}

/** The open offers are what is left to do; where there are none, all of them. */
function countMain({ rows, statuses, figures, totals }: ExportResult, { locale, format }: MailLocale): string {
  const { letter: words } = locale;
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
