import { type Day, type Moment, parseDay } from "../basics/calendar.ts";
import { addDecimal, formatDecimal, parseDecimal, zeroDecimal } from "../basics/decimal.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import type { ExportResult } from "../export/export-state.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import { maxCurrencyUnits } from "../language/locales.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import {
  amountCell,
  type SheetCell,
  integerCell,
  readCellNumber,
  type SheetChart,
  type SheetPage,
  shareCell,
  type SheetTable,
  textCell,
} from "./sheet-table.ts";

/** The facts that the summary sheet shows above its tables. */
export type SummaryFacts = {
  asOf: Day;
  selection: string;
  startedAt: Moment;
  finishedAt: Moment;
  completeness: ExportResult["completeness"];
};

type Given = { figures: Figures; locale: Locale };

/** Describes the summary sheet, which shows a report's figures at a glance. */
export function describeSummarySheet(figures: Figures, facts: SummaryFacts, locale: Locale): SheetPage {
  const { summary: words, about } = locale;
  const given = { figures, locale };
  const counts = describeMonths(words.monthlyCounts, given, "offers");
  const values = describeMonths(words.monthlyValues, given, "value");
  const tables = [
    describeStatuses(given),
    ...(figures.otherCurrencies.length === 0 ? [] : [describeCurrencies(given)]),
    describeDecisions(given),
    describeAgeing(given),
    describeCustomers(given),
    counts,
    values,
  ];
  return {
    name: words.sheetName,
    title: words.title,
    facts: [
      { label: about.labels.asOf, field: { type: "day", day: facts.asOf } },
      { label: about.labels.selection, field: textCell(facts.selection) },
      { label: about.labels.startedAt, field: { type: "moment", moment: facts.startedAt } },
      { label: about.labels.finishedAt, field: { type: "moment", moment: facts.finishedAt } },
      { label: about.labels.completeness, field: textCell(words.verdicts[facts.completeness]) },
    ],
    tables,
    charts: [describeChart(counts, null, locale), describeChart(values, figures.currency, locale)].filter(
      ({ table }) => hasMonths(table),
    ),
    widthsChars: [30, 19, 19, 19, 19, 19],
  };
}

const plain = { totals: [], notes: [], bars: [] };

function describeStatuses({ figures, locale }: Given): SheetTable {
  const { summary: words } = locale;
  const { currency, otherCurrencies, withoutAmount } = figures;
  const parts = statuses.map((status) => figures.statuses[status]);
  return {
    ...plain,
    heading: words.byStatus,
    columns: [locale.headings.status, words.count, words.value, words.countShare, words.valueShare],
    rows: statuses.map((status) => [
      { type: "status", status },
      ...listPart(figures.statuses[status], currency),
    ]),
    totals: [[textCell(words.total), ...listWhole(parts, currency)]],
    notes: [
      ...(currency !== null && otherCurrencies.length > 0 ? [words.describeCurrency(currency)] : []),
      ...(withoutAmount > 0 ? [words.describeUnvalued(withoutAmount)] : []),
    ],
  };
}

type Counted = { offers: number; value: string };
type Part = Counted & { share: number | null; valueShare: number | null };

function listPart({ offers, value, share, valueShare }: Part, currency: string | null): SheetCell[] {
  return [integerCell(offers), amountCell(value, currency), shareCell(share), shareCell(valueShare)];
}

function listWhole(parts: Counted[], currency: string | null): SheetCell[] {
  const offers = sumCounts(parts);
  const value = sumValues(parts);
  const whole = (sum: number) => (sum > 0 ? 1 : null);
  return listPart({ offers, value, share: whole(offers), valueShare: whole(Number(value)) }, currency);
}

function sumCounts(parts: Counted[]): number {
  return parts.reduce((sum, { offers }) => sum + offers, 0);
}

function sumValues(parts: Counted[]): string {
  const sum = zeroDecimal();
  for (const { value } of parts) addDecimal(sum, parseDecimal(value));
  return formatDecimal(sum);
}

function describeCurrencies({ figures, locale }: Given): SheetTable {
  const { summary: words } = locale;
  return {
    ...plain,
    heading: words.otherCurrencies,
    columns: [words.currency, words.count, ...statuses.map((status) => locale.statuses[status])],
    rows: figures.otherCurrencies
      .slice(0, maxCurrencies)
      .map(({ currency, offers, statuses: values }) =>
        [textCell(currency === noCurrency ? words.noCurrency : currency), integerCell(offers)].concat(
          statuses.map((status) => amountCell(values[status], currency)),
        ),
      ),
  };
}

/**
 * The largest number of further currencies in the summary. A portal may give any text as a currency, so there may be
 * very many.
 */
const maxCurrencies = 20;

function describeDecisions({ figures, locale }: Given): SheetTable {
  const { summary: words } = locale;
  const { conversion, daysToDecision } = figures;
  const rows: [string, SheetCell][] = [
    [words.conversionByCount, shareCell(conversion.byCount)],
    [words.conversionByValue, shareCell(conversion.byValue)],
    [words.medianDays, { type: "number", number: daysToDecision.median }],
    [words.meanDays, { type: "number", number: daysToDecision.mean }],
    [words.decided, integerCell(daysToDecision.offers)],
  ];
  return {
    ...plain,
    heading: words.decisions,
    columns: [],
    rows: rows.map(([label, field]) => [textCell(label), field]),
    notes: [words.conversionFormula],
  };
}

function describeAgeing({ figures, locale }: Given): SheetTable {
  const { summary: words } = locale;
  const { currency, ageing } = figures;
  const shown = ageing.filter(({ days, offers }) => offers > 0 || (days !== "later" && days !== "unknown"));
  return {
    ...plain,
    heading: words.ageing,
    columns: [words.age, words.count, words.value, words.countShare, words.valueShare],
    rows: shown.map((part) => [textCell(words.ages[part.days])].concat(listPart(part, currency))),
    totals: [[textCell(words.total), ...listWhole(ageing, currency)]],
  };
}

function describeCustomers({ figures, locale }: Given): SheetTable {
  const { summary: words } = locale;
  const { currency, customers } = figures;
  return {
    ...plain,
    heading: words.customers,
    columns: [words.customer, words.count, words.value, words.valueShare],
    rows: customers.map(({ customerId, customerName, offers, value, share }) => [
      textCell(customerName ?? customerId ?? words.unknownCustomer),
      integerCell(offers),
      amountCell(value, currency),
      shareCell(share),
    ]),
    notes: customers.length === 0 ? [words.noOpenOffers] : [],
  };
}

/**
 * Describes a table of months, the latest month first. Rows for all other offers, issued before or after these months
 * or without a readable issue date, appear only when there are such offers.
 */
function describeMonths(heading: string, { figures, locale }: Given, kind: "offers" | "value"): SheetTable {
  const { summary: words } = locale;
  const { currency } = figures;
  const isOutside = (month: string): month is Outside => month in words.outside;
  const months = figures.months.filter(({ month }) => !isOutside(month)).toReversed();
  const outside = figures.months.filter(
    ({ month, statuses: parts }) => isOutside(month) && sumCounts(Object.values(parts)) > 0,
  );
  const sumCell = (parts: Counted[]): SheetCell => {
    const offers = sumCounts(parts);
    if (offers === 0) return { type: "empty" };
    return kind === "offers" ? integerCell(offers) : amountCell(sumValues(parts), currency);
  };
  const list = (parts: Record<Status, Counted>) => [
    ...statuses.map((status) => sumCell([parts[status]])),
    sumCell(statuses.map((status) => parts[status])),
  ];
  const name = (month: string): SheetCell =>
    isOutside(month) ? textCell(words.outside[month]) : { type: "month", day: parseDay(`${month}-01`) ?? 0 };
  return {
    heading,
    columns: [words.month, ...statuses.map((status) => locale.statuses[status]), words.total],
    rows: [...months, ...outside].map(({ month, statuses: parts }) => [name(month)].concat(list(parts))),
    totals: [[textCell(words.total), ...list(figures.statuses)]],
    notes: [],
    bars: statuses,
  };
}

function describeChart(table: SheetTable, currency: string | null, { summary: words }: Locale): SheetChart {
  const name = currency === noCurrency ? words.noCurrency : currency;
  const unit = name === null ? "" : ` (${sanitizeText(name, maxCurrencyUnits)})`;
  return { title: `${table.heading}${unit}`, description: words.describeChart(table.heading), table };
}

/** True when a month of the table has a number other than zero. */
function hasMonths({ rows }: SheetTable): boolean {
  const months = rows.filter(([cell]) => cell?.type === "month");
  return months.flat().some((cell) => (readCellNumber(cell) ?? 0) !== 0);
}

type Outside = keyof Locale["summary"]["outside"];
