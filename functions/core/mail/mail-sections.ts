import { parseDay } from "../basics/calendar.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import { type ChangeKind, changeKinds, type Changes } from "../changes/change-kinds.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { Figures } from "../figures/figures.ts";
import { maxCurrencyUnits, type Money } from "../language/locales.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Options } from "../options/options.ts";
import { hasEveryStatus } from "../sheets/report-wording.ts";
import {
  emptyMailTable,
  formatCountAndAmounts,
  labelRow,
  type MailLocale,
  type MailSection,
  type MailTableRow,
  makeCountRow,
} from "./mail-message.ts";

type Report = { options: Options; result: ExportResult };

/** How many offers of each status there are, and what they are worth. */
export function describeStatusSection({ options, result }: Report, speech: MailLocale): MailSection {
  const { headings, summary, statuses: names } = speech.locale;
  const { figures } = result;
  const parts = options.status.map((status) => {
    const counted = { offers: result.statuses[status], sums: listSums(figures, status) };
    return { ...makeCountRow(names[status], counted, speech), status };
  });
  const total = { offers: result.rows, sums: listAmounts(result) };
  const hasTotal = parts.length > 1;
  return {
    heading: summary.byStatus,
    texts: [],
    grid: {
      columns: [
        { heading: headings.status, isNumber: false },
        { heading: summary.count, isNumber: true },
        { heading: summary.value, isNumber: true },
      ],
      rows: [
        ...parts,
        ...(hasTotal ? [{ ...makeCountRow(summary.total, total, speech), isTotal: true }] : []),
      ],
    },
    items: [],
    notes:
      figures === null || figures.withoutAmount === 0
        ? []
        : [summary.describeUnvalued(figures.withoutAmount)],
  };
}

function listSums(figures: Figures | null, status: Status): Money[] {
  if (figures === null) return [];
  const { currency, statuses, otherCurrencies } = figures;
  return [
    { currency, value: statuses[status].value },
    ...otherCurrencies.map((other) => ({ currency: other.currency, value: other.statuses[status] })),
  ];
}

/** The figures' currency first. */
export function listAmounts({ figures, totals }: ExportResult): Money[] {
  const main = figures?.currency;
  return Object.entries(totals)
    .map(([currency, value]) => ({ currency, value }))
    .toSorted((a, b) => Number(b.currency === main) - Number(a.currency === main));
}

/** How much was won; nothing where the report leaves out what it is measured by. */
export function describeConversion({ options, result }: Report, speech: MailLocale): MailSection | null {
  const { summary, mail: words } = speech.locale;
  const { format } = speech;
  if (result.figures === null || !hasEveryStatus(options)) return null;
  const { conversion, daysToDecision } = result.figures;
  const { byCount, byValue } = conversion;
  const section = { heading: summary.decisions, texts: [], grid: emptyMailTable, items: [], notes: [] };
  if (byCount === null) return { ...section, texts: [words.noDecisions] };
  const { median } = daysToDecision;
  const rows = [
    labelRow(summary.conversionByCount, format.share(byCount)),
    labelRow(`${summary.conversionByValue}${nameCurrency(result.figures)}`, format.share(byValue)),
    ...(median === null ? [] : [labelRow(summary.medianDays, format.count(median))]),
  ];
  return { ...section, grid: { columns: [], rows }, notes: [summary.conversionFormula] };
}

/** Of several it is one that values are shares of. */
function nameCurrency({ currency, otherCurrencies }: Figures): string {
  if (currency === null || otherCurrencies.length === 0) return "";
  return ` (${sanitizeText(currency, maxCurrencyUnits)})`;
}

/** What happened to the offers since the report before. */
export function describeChangesSection(
  changes: Changes,
  { completeness }: Pick<ExportResult, "completeness">,
  speech: MailLocale,
): MailSection {
  const { locale, format } = speech;
  const { changes: words, summary, mail } = locale;
  const { since, kinds } = changes;
  const happened = changeKinds.filter((kind) => kinds[kind].offers > 0);
  const isCertain = since.completeness === "complete" && completeness === "complete";
  const asOf = format.day(parseDay(since.asOf) ?? Number.NaN);
  const section = {
    heading: words.title,
    texts: [
      mail.comparedWith(asOf, format.moment(Date.parse(since.snapshotAt))),
      ...(isCertain ? [] : [`${words.uncertain}.`]),
    ],
    items: [],
  };
  if (happened.length === 0)
    return { ...section, texts: [...section.texts, mail.unchanged], grid: emptyMailTable, notes: [] };
  return {
    ...section,
    grid: {
      columns: [
        { heading: words.what, isNumber: false },
        { heading: summary.count, isNumber: true },
        { heading: summary.value, isNumber: true },
      ],
      rows: happened.map((kind) => makeChangeRow(kind, changes, speech)),
    },
    // The first says which reports are compared, which stands above.
    notes: words.rules.slice(1),
  };
}

function makeChangeRow(
  kind: ChangeKind,
  { kinds, currency, otherCurrencies }: Changes,
  speech: MailLocale,
): MailTableRow {
  const { offers, value } = kinds[kind];
  const sums = [
    { currency, value },
    ...otherCurrencies.map((other) => ({ currency: other.currency, value: other.values[kind] })),
  ];
  const write = kind === "amount" ? speech.format.difference : speech.format.money;
  return makeCountRow(speech.locale.changes.kinds[kind], { offers, sums, write }, speech);
}

type Soon = NonNullable<Figures["followUp"]["expiringSoon"]>;

/** The open offers of which not much time is left, the most valuable first. */
export function describeExpiringSection(
  soon: Soon,
  currency: string | null,
  speech: MailLocale,
): MailSection {
  const { locale, format } = speech;
  const { headings, mail: words } = locale;
  const section = {
    heading: words.expiring,
    texts: [words.noneExpiring],
    grid: emptyMailTable,
    items: [],
    notes: [],
  };
  if (soon.offers === 0) return section;
  const more = soon.offers - soon.rows.length;
  return {
    ...section,
    texts: [summarizeExpiring(soon, currency, speech)],
    grid: {
      columns: [
        { heading: words.customerAndNumber, isNumber: false },
        { heading: headings.expiresAt, isNumber: false },
        { heading: headings.amount, isNumber: true },
      ],
      rows: soon.rows.map((row) => makeExpiringRow(row, speech)),
    },
    notes: more > 0 ? [words.moreOffers(more, format.count(more))] : [],
  };
}

/** Their number, and the value at stake. */
export function summarizeExpiring(soon: Soon, currency: string | null, speech: MailLocale): string {
  const sums = [{ currency, value: soon.value }, ...soon.otherCurrencies];
  return speech.locale.mail.describeExpiring(
    soon.offers,
    formatCountAndAmounts({ offers: soon.offers, sums }, speech),
  );
}

const maxNumberUnits = 24;
const maxNameUnits = 40;

function makeExpiringRow(row: Soon["rows"][number], { locale, format }: MailLocale): MailTableRow {
  const { followUp, summary, mail: words } = locale;
  const number = pickText([row.offerNumber, row.offerId], maxNumberUnits) ?? "–";
  const customer = pickText([row.customerName, row.customerId], maxNameUnits) ?? summary.unknownCustomer;
  const day = parseDay(row.expiresAt ?? "") ?? Number.NaN;
  const { amount, currency } = row;
  const money = amount === null ? followUp.unknownAmount : format.money({ value: amount, currency });
  return {
    cells: [[customer, number], [format.shortDay(day)], [money]],
    line: `${customer}, ${number}: ${money}, ${words.validThrough(format.shortDay(day))}`,
  };
}

/** The first that is there to be seen. */
function pickText(texts: (string | null)[], maxUnits: number): string | null {
  return texts.map((text) => sanitizeText(text ?? "", maxUnits)).find((text) => text !== "") ?? null;
}
