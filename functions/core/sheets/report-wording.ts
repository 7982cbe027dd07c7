import { type Day, formatDay } from "../basics/calendar.ts";
import type { Doubt, Note } from "../crawl/crawl-state.ts";
import type { NameFacts } from "../customer/name-cache--join.ts";
import type { Remarked, Tally } from "../figures/report-totals.ts";
import type { Locale } from "../language/locale.ts";
import { statuses } from "../offer/offer-status.ts";
import { type IssueRange, resolveRange } from "../options/options--period.ts";
import type { Options } from "../options/options.ts";
import { arrangeDate } from "./csv-dialect.ts";

/** Which offers the options let through, in words. */
export function describeFilter(options: Options, locale: Locale): string {
  const { filter, statuses: names } = locale;
  const parts = [
    hasEveryStatus(options) ? null : filter.describeStatuses(options.status.map((status) => names[status])),
    describeRange(resolveRange(options), locale),
  ].filter((part) => part !== null);
  return parts.length === 0 ? filter.all : parts.join("; ");
}

export function hasEveryStatus({ status }: Options): boolean {
  return status.length === statuses.length;
}

function describeRange({ from, to }: IssueRange, locale: Locale): string | null {
  const name = (day: Day) => arrangeDate(formatDay(day), locale);
  if (from !== null && to !== null) return locale.filter.issuedBetween(name(from), name(to));
  if (from !== null) return locale.filter.issuedFrom(name(from));
  return to === null ? null : locale.filter.issuedTo(name(to));
}

type Facts = { isPast: boolean; doubts: Doubt[]; notes: Note[]; names: NameFacts };

/** What a reader should know of the whole report, in words. */
export function listRemarks(tally: Tally, locale: Locale, facts: Facts): string[] {
  return [...listFacts(locale, facts), ...listCounted(tally, locale).map(([text]) => text)];
}

/** The same, each kind of remark with the first of the offers that it concerns. */
export function nameRemarks(tally: Tally, locale: Locale, facts: Facts): string[] {
  const { nameOffers } = locale.about;
  const counted = listCounted(tally, locale).map(([text, { offers, named }]) =>
    named.length === 0 ? text : `${text} ${nameOffers(named, offers - named.length)}`,
  );
  return [...listFacts(locale, facts), ...counted];
}

function listCounted({ later, remarks }: Tally, locale: Locale): [text: string, remarked: Remarked][] {
  const kinds = [...remarks].map(([code, remarked]): [string, Remarked] => [
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
