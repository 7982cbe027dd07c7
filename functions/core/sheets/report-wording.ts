import { type Day, formatDay } from "../basics/calendar.ts";
import type { Anomaly, Note } from "../crawl/crawl-state.ts";
import type { NameFacts } from "../customer/customer.ts";
import type { RemarkCount, ReportTotals } from "../figures/report-totals.ts";
import type { Locale } from "../language/locale.ts";
import { laterRemarks } from "../offer/offer-status.ts";
import { type IssueRange, type Options, resolveRange } from "../options/export-options.ts";
import { hasEveryStatus } from "../options/offer-filter.ts";
import { arrangeDate } from "./csv-dialect.ts";

/** Says in words which offers the options include. */
export function describeSelection(options: Options, locale: Locale): string {
  const { filter, statuses: names } = locale;
  const parts = [
    hasEveryStatus(options) ? null : filter.describeStatuses(options.status.map((status) => names[status])),
    describeRange(resolveRange(options), locale),
  ].filter((part) => part !== null);
  return parts.length === 0 ? filter.all : parts.join("; ");
}

function describeRange({ from, to }: IssueRange, locale: Locale): string | null {
  const name = (day: Day) => arrangeDate(formatDay(day), locale);
  if (from !== null && to !== null) return locale.filter.issuedBetween(name(from), name(to));
  if (from !== null) return locale.filter.issuedFrom(name(from));
  return to === null ? null : locale.filter.issuedTo(name(to));
}

type Facts = { isPast: boolean; doubts: Anomaly[]; notes: Note[]; names: NameFacts };

/**
 * Returns the remarks on the whole report: why offers may be missing, notes, and the number of offers with each kind
 * of remark.
 */
export function listRemarks(totals: ReportTotals, locale: Locale, facts: Facts): string[] {
  return [...listFacts(locale, facts), ...listRemarkCounts(totals, locale).map(([text]) => text)];
}

/**
 * Returns the remarks of `listRemarks`, and adds to each kind of remark the offer numbers of the first offers with
 * this remark.
 */
export function listRemarksWithOffers(totals: ReportTotals, locale: Locale, facts: Facts): string[] {
  const { nameOffers } = locale.about;
  const counted = listRemarkCounts(totals, locale).map(([text, { offers, named }]) =>
    named.length === 0 ? text : `${text} ${nameOffers(named, offers - named.length)}`,
  );
  return [...listFacts(locale, facts), ...counted];
}

/**
 * Returns the remarks on offers that are included although they may be later than the report's day. They concern the
 * counts of every sheet, so the summary has them, too.
 */
export function listLaterRemarks({ remarks }: ReportTotals, locale: Locale): string[] {
  return laterRemarks.flatMap((code) => {
    const { offers = 0 } = remarks.get(code) ?? {};
    return offers === 0 ? [] : `${locale.countRemarks(code, offers)}.`;
  });
}

function listRemarkCounts(
  { later, remarks }: ReportTotals,
  locale: Locale,
): [text: string, remarked: RemarkCount][] {
  const kinds = [...remarks].map(([code, remarked]): [string, RemarkCount] => [
    locale.countRemarks(code, remarked.offers),
    remarked,
  ]);
  return later.offers === 0 ? kinds : [[locale.describeLater(later.offers), later], ...kinds];
}

function listFacts(locale: Locale, { doubts, notes, isPast, names }: Facts): string[] {
  return [
    ...doubts.map((doubt) => locale.doubts[doubt]),
    ...notes.map((note) => locale.notes[note]),
    ...(isPast ? [locale.pastState] : []),
    ...listNameFacts(locale, names),
  ];
}

function listNameFacts({ names: words }: Locale, { trouble, unknown, nameless }: NameFacts): string[] {
  return [
    ...(trouble === null ? [] : [words.troubles[trouble]]),
    ...(trouble === null && unknown > 0 ? [words.describeUnknown(unknown)] : []),
    ...(nameless > 0 ? [words.describeNameless(nameless)] : []),
  ];
}

/**
 * Returns the name of a report's file, in ASCII. The name contains `asOf`, the options that exclude offers, and the
 * options that change the file's columns, so that files of different options seldom have the same name.
 */
export function nameReportFile(options: Options, locale: Locale): string {
  const { start, from: since, to: until, ...words } = locale.fileName;
  const { from, to } = resolveRange(options);
  const parts = [
    start,
    options.asOf,
    ...(from === null ? [] : [since, formatDay(from)]),
    ...(to === null ? [] : [until, formatDay(to)]),
    ...(hasEveryStatus(options) ? [] : options.status.map((status) => locale.statuses[status])),
    ...(options.customers ? [] : [words.withoutNames]),
    ...(options.evidence ? [words.evidence] : []),
    ...(options.dialect === "machine" ? [words.machine] : []),
    ...(options.columns === null ? [] : [words.countColumns(options.columns.length)]),
  ];
  return `${parts.join("-")}.${options.format}`;
}
