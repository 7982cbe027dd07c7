import { type Calendar, type Day, parseDay } from "../basics/calendar.ts";
import type { Doubt, Note } from "../crawl/crawl-state.ts";
import { formatDecimal } from "../basics/decimal.ts";
import { clipText } from "../report/spreadsheet-limits.ts";
import type { NameFacts } from "../customer/name-cache--join.ts";
import { enterRow, type Ledger, openLedger } from "./report-totals--ledger.ts";
import type { Locale } from "../language/locale.ts";
import { sumMeasures } from "./currency-sums.ts";
import type { Offer } from "../offer/offer.ts";
import type { RemarkCode } from "../offer/offer--remark.ts";
import { type IssueRange, resolveRange } from "../options/options--period.ts";
import type { Options } from "../options/options.ts";
import { makeRow, type Row } from "../report/report-row.ts";
import { isKnown, type Status } from "../offer/offer-status.ts";

/** Which offers a report lets through, and as of when it judges them. */
export type Selection = { asOf: Day; calendar: Calendar; range: IssueRange; status: ReadonlySet<Status> };

export function selectBy(options: Options, calendar: Calendar): Selection {
  const asOf = parseDay(options.asOf);
  if (asOf === null) throw new RangeError(`asOf is no day: ${options.asOf}`);
  return { asOf, calendar, range: resolveRange(options), status: new Set(options.status) };
}

/** The offer's row, or null where the options leave it out. */
export function selectRow(offer: Offer, selection: Selection): Row | null {
  if (!isKnown(offer, selection) || !isIssuedWithin(offer, selection.range)) return null;
  const row = makeRow(offer, selection);
  if (!selection.status.has(row.status)) return null;
  if (offer.issuedAt !== null || !isBounded(selection.range)) return row;
  return { ...row, remarks: [...row.remarks, { code: "periodUnknown" }] };
}

/** An offer without a usable issue date is kept: nothing is dropped for bad data. */
export function isIssuedWithin({ issuedAt }: Offer, { from, to }: IssueRange): boolean {
  return issuedAt === null || ((from === null || issuedAt >= from) && (to === null || issuedAt <= to));
}

function isBounded({ from, to }: IssueRange): boolean {
  return from !== null || to !== null;
}

/** What a report counts while its rows go by. */
export type Tally = {
  /** Offers that the portal holds, those included that the options leave out. */
  offers: number;
  rows: number;
  /** Offers that are left out for one reason alone: they are of after the report's day. */
  later: Remarked;
  ledger: Ledger;
  remarks: Map<RemarkCode, Remarked>;
};

/** How many offers have a kind of remark, and the first of them by their numbers. */
export type Remarked = { offers: number; named: string[] };

export function emptyTally(asOf: Day): Tally {
  const later = { offers: 0, named: [] };
  return { offers: 0, rows: 0, later, ledger: openLedger(asOf), remarks: new Map() };
}

/** Counts an offer that has no row, where it would have one but for the report's day. */
export function countOmitted(tally: Tally, offer: Offer, selection: Selection): void {
  if (isKnown(offer, selection) || !isIssuedWithin(offer, selection.range)) return;
  countNamed(tally.later, offer.offerNumber ?? offer.id);
}

export function countRow(tally: Tally, row: Row): void {
  tally.rows += 1;
  enterRow(tally.ledger, row);
  if (row.remarks.length > 0) countRemarks(tally, row);
}

const mostNamed = 20;

function countRemarks({ remarks }: Tally, row: Row): void {
  for (const code of new Set(row.remarks.map((remark) => remark.code))) {
    const remarked = remarks.get(code) ?? { offers: 0, named: [] };
    remarks.set(code, remarked);
    countNamed(remarked, row.offerNumber ?? row.offerId);
  }
}

function countNamed(remarked: Remarked, name: string | null): void {
  remarked.offers += 1;
  if (name !== null && remarked.named.length < mostNamed) remarked.named.push(clipText(name));
}

export function listStatuses({ ledger }: Tally): Record<Status, number> {
  const { open, accepted, rejected, expired } = ledger.statuses;
  return {
    open: open.offers,
    accepted: accepted.offers,
    rejected: rejected.offers,
    expired: expired.offers,
  };
}

/** Exact sums per currency, with at least two decimals. */
export function listTotals({ ledger }: Tally): Record<string, string> {
  const { sums } = sumMeasures(Object.values(ledger.statuses));
  const sorted = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, sum]) => [currency, formatDecimal(sum)]));
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
