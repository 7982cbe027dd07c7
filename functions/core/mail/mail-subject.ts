import { parseDay } from "../basics/calendar.ts";
import type { Result } from "../export/export-state.ts";
import { hasEveryStatus } from "../sheets/report-wording.ts";
import type { Speech } from "./mail-message.ts";
import type { Options } from "../options/options.ts";
import { resolveRange } from "../options/options--period.ts";
import { nameSpan } from "./mail-subject--span.ts";
import { loosenBlanks } from "../basics/safe-text--wrap.ts";

type Report = { options: Options; result: Result };

/** Which offers the report is about. */
export function nameReport(options: Options, speech: Speech): string {
  const { locale, format } = speech;
  const span = nameSpan(resolveRange(options), speech);
  const name =
    span === null
      ? locale.letter.allOffers(format.day(parseDay(options.asOf) ?? Number.NaN))
      : locale.letter.offersOf(span);
  if (hasEveryStatus(options)) return name;
  return `${name} (${options.status.map((status) => locale.statuses[status]).join(", ")})`;
}

/** What, when and how much: one short line without personal data. */
export function writeSubject({ options, result }: Report, speech: Speech): string {
  const { letter: words } = speech.locale;
  const doubt = result.completeness === "complete" ? "" : ` (${words.uncertain})`;
  return loosenBlanks(`${nameReport(options, speech)}: ${countMain(result, speech)}${doubt}`);
}

/** The open offers are what is left to do; where there are none, all of them. */
function countMain({ rows, statuses, figures, totals }: Result, { locale, format }: Speech): string {
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
