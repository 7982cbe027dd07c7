import { parseDay } from "../basics/calendar.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import { type ChangeKind, changeKinds, type Changes } from "../changes/change-kinds.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { Figures } from "../figures/figures.ts";
import { countUndated, findShownConversion } from "../figures/shown-conversion.ts";
import { maxCurrencyUnits, type Money } from "../language/locales.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Options } from "../options/export-options.ts";
import { findScope, hasPeriod } from "../options/offer-filter.ts";
import {
  emptyMailTable,
  formatCountAndAmounts,
  labelRow,
  type MailLocale,
  type MailSection,
  type MailTable,
  type MailTableRow,
  makeCountRow,
} from "./mail-message.ts";

type Report = { options: Options; result: ExportResult };

/** Composes the section with the number and the value of the offers of each status. */
export function composeStatusSection({ options, result }: Report, mailLocale: MailLocale): MailSection {
  const { headings, summary, statuses: names } = mailLocale.locale;
  const { figures } = result;
  const parts = options.status.map((status) => {
    const group = { offers: result.statuses[status], amounts: listStatusAmounts(figures, status) };
    return { ...makeCountRow(names[status], group, mailLocale), status };
  });
  const total = { offers: result.rows, amounts: listAmounts(result) };
  const hasTotal = parts.length > 1;
  return {
    heading: summary.byStatus,
    texts: [],
    table: {
      columns: listCountColumns(headings.status, mailLocale),
      rows: [
        ...parts,
        ...(hasTotal ? [{ ...makeCountRow(summary.total, total, mailLocale), isTotal: true }] : []),
      ],
    },
    items: [],
    notes: figures === null ? [] : listStatusNotes(options, figures, mailLocale),
  };
}

function listStatusNotes(options: Options, figures: Figures, { locale: { summary } }: MailLocale): string[] {
  const undated = hasPeriod(options) ? countUndated(figures) : 0;
  return [
    ...(undated > 0 ? [summary.describeUndated(undated)] : []),
    ...(figures.withoutAmount > 0 ? [summary.describeUnvalued(figures.withoutAmount)] : []),
  ];
}

/** Returns the columns for a table whose rows come from `makeCountRow`. */
function listCountColumns(label: string, { locale: { summary } }: MailLocale): MailTable["columns"] {
  return [
    { heading: label, isNumber: false },
    { heading: summary.count, isNumber: true },
    { heading: summary.value, isNumber: true },
  ];
}

function listStatusAmounts(figures: Figures | null, status: Status): Money[] {
  if (figures === null) return [];
  const { currency, statuses, otherCurrencies } = figures;
  return [
    { currency, value: statuses[status].value },
    ...otherCurrencies.map((other) => ({ currency: other.currency, value: other.statuses[status] })),
  ];
}

/** Returns the total of the report's amounts in each currency. The currency of the report's figures comes first. */
export function listAmounts({ figures, totals }: ExportResult): Money[] {
  const main = figures?.currency;
  return Object.entries(totals)
    .map(([currency, value]) => ({ currency, value }))
    .toSorted((a, b) => Number(b.currency === main) - Number(a.currency === main));
}

/**
 * Composes the section about conversion. Returns null when the report has no figures, or leaves out an outcome of
 * offers.
 */
export function composeConversionSection(
  { options, result }: Report,
  mailLocale: MailLocale,
): MailSection | null {
  const { figures } = result;
  const {
    locale: { summary },
    format,
  } = mailLocale;
  if (figures === null) return null;
  const shown = findShownConversion(options.status, figures);
  if (shown.type === "incomplete") return null;
  const section = { heading: summary.decisions, texts: [], table: emptyMailTable, items: [], notes: [] };
  if (shown.type === "none") return { ...section, texts: [summary.noneDecided[findScope(options)]] };
  const { median } = figures.daysToDecision;
  const days = median === null ? [] : [labelRow(summary.medianDays, format.count(median))];
  if (shown.type === "counts") {
    const texts = [summary.fewDecided(shown.accepted, shown.decided)];
    return { ...section, texts, table: { columns: [], rows: days } };
  }
  const { byCount, byValue } = shown.conversion;
  const rows = [
    labelRow(summary.conversionByCount, format.share(byCount)),
    labelRow(`${summary.conversionByValue}${nameCurrency(figures)}`, format.share(byValue)),
    ...days,
  ];
  return { ...section, table: { columns: [], rows }, notes: [summary.conversionFormula] };
}

/** Names the currency of the conversion by value, when the report has several currencies. */
function nameCurrency({ currency, otherCurrencies }: Figures): string {
  if (currency === null || otherCurrencies.length === 0) return "";
  return ` (${sanitizeText(currency, maxCurrencyUnits)})`;
}

export function composeChangesSection(
  changes: Changes,
  { options, result: { completeness } }: Report,
  mailLocale: MailLocale,
): MailSection {
  const { locale, format } = mailLocale;
  const { changes: words, mail } = locale;
  const { since, kinds } = changes;
  const occurring = changeKinds.filter((kind) => kinds[kind].offers > 0);
  const isCertain = since.completeness === "complete" && completeness === "complete";
  const asOf = format.day(parseDay(since.asOf) ?? Number.NaN);
  const scope = findScope(options);
  // The first rule says which offers are compared. Without a selection these are all offers.
  const rules = scope === "all" ? words.rules.slice(1) : [...words.rules];
  const section = {
    heading: words.title,
    texts: [
      mail.comparedWith(asOf, format.moment(Date.parse(since.snapshotAt))),
      ...(isCertain ? [] : [`${words.uncertain}.`]),
    ],
    items: [],
  };
  if (occurring.length === 0)
    return { ...section, texts: [...section.texts, mail.unchanged[scope]], table: emptyMailTable, notes: [] };
  return {
    ...section,
    table: {
      columns: listCountColumns(words.what, mailLocale),
      rows: occurring.map((kind) => makeChangeRow(kind, changes, mailLocale)),
    },
    notes: rules,
  };
}

function makeChangeRow(
  kind: ChangeKind,
  { kinds, currency, otherCurrencies }: Changes,
  mailLocale: MailLocale,
): MailTableRow {
  const { offers, value } = kinds[kind];
  const amounts = [
    { currency, value },
    ...otherCurrencies.map((other) => ({ currency: other.currency, value: other.values[kind] })),
  ];
  const write = kind === "amount" ? mailLocale.format.difference : mailLocale.format.money;
  return makeCountRow(mailLocale.locale.changes.kinds[kind], { offers, amounts, write }, mailLocale);
}

type ReportFigures = { options: Options; figures: Figures };
type ExpiringOffers = NonNullable<Figures["followUp"]["expiringSoon"]>;

/** Composes the section about the open offers that expire soon, the most valuable first. */
export function composeExpiringSection(
  expiring: ExpiringOffers,
  report: ReportFigures,
  mailLocale: MailLocale,
): MailSection {
  const { locale, format } = mailLocale;
  const { headings, mail: words } = locale;
  const section = {
    heading: words.expiring,
    texts: [words.noneExpiring[findScope(report.options)]],
    table: emptyMailTable,
    items: [],
    notes: [],
  };
  if (expiring.offers === 0) return section;
  const more = expiring.offers - expiring.rows.length;
  return {
    ...section,
    texts: [summarizeExpiring(expiring, report, mailLocale)],
    table: {
      columns: [
        { heading: words.customerAndNumber, isNumber: false },
        { heading: headings.expiresAt, isNumber: false },
        { heading: headings.amount, isNumber: true },
      ],
      rows: expiring.rows.map((row) => makeExpiringRow(row, mailLocale)),
    },
    notes: more > 0 ? [words.moreOffers(more, format.count(more))] : [],
  };
}

/** Writes one sentence with the number and the value of the offers that expire soon. */
export function summarizeExpiring(
  { offers, value, otherCurrencies }: ExpiringOffers,
  { options, figures: { currency } }: ReportFigures,
  mailLocale: MailLocale,
): string {
  const { mail: words } = mailLocale.locale;
  const amounts = [{ currency, value }, ...otherCurrencies];
  const text = words.describeExpiring(offers, formatCountAndAmounts({ offers, amounts }, mailLocale));
  return findScope(options) === "all" ? text : words.inSelection(text);
}

const maxNumberUnits = 24;
const maxNameUnits = 40;

function makeExpiringRow(row: ExpiringOffers["rows"][number], { locale, format }: MailLocale): MailTableRow {
  const { followUp, summary, mail: words } = locale;
  const number = pickText([row.offerNumber, row.offerId], maxNumberUnits) ?? "–";
  const customer = pickText([row.customerName, row.customerId], maxNameUnits) ?? summary.unknownCustomer;
  const day = parseDay(row.expiresAt ?? "") ?? Number.NaN;
  const { amount, currency } = row;
  const money = amount === null ? followUp.unknownAmount : format.money({ value: amount, currency });
  return {
    cells: [[customer, number], [format.shortDay(day)], [money]],
    text: `${customer}, ${number}: ${money}, ${words.validThrough(format.shortDay(day))}`,
  };
}

/** Returns the first text with visible characters, cut to `maxUnits`; null when no text has visible characters. */
function pickText(texts: (string | null)[], maxUnits: number): string | null {
  return texts.map((text) => sanitizeText(text ?? "", maxUnits)).find((text) => text !== "") ?? null;
}
