import type { Day, Moment } from "../basics/calendar.ts";
import type { ExportResult } from "../export/export-state.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Figures } from "../figures/figures.ts";
import { countUndated, findShownConversion, type ShownConversion } from "../figures/shown-conversion.ts";
import type { Locale } from "../language/locale.ts";
import { statuses } from "../offer/offer-status.ts";
import type { Options } from "../options/export-options.ts";
import { findScope, hasPeriod } from "../options/offer-filter.ts";
import {
  type Counted,
  describeChart,
  describeMonths,
  isWorthChart,
  sumCounts,
  type SummaryGiven,
  sumValues,
} from "./month-tables.ts";
import {
  amountCell,
  emptyTable,
  type SheetCell,
  integerCell,
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
  options: Options;
  /** The remarks on offers that are included although they may be later than the report's day. */
  laterRemarks: string[];
};

/** Describes the summary sheet, which shows a report's figures at a glance. */
export function describeSummarySheet(figures: Figures, facts: SummaryFacts, locale: Locale): SheetPage {
  const { summary: words, about } = locale;
  const { options } = facts;
  const shown = statuses.filter((status) => options.status.includes(status));
  const given = { figures, options, shown, locale };
  const counts = describeMonths(words.monthlyCounts, given, "offers");
  const values = describeMonths(words.monthlyValues, given, "value");
  const tables = [
    describeStatuses(given, facts.laterRemarks),
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
      ({ table }) => isWorthChart(table),
    ),
    widthsChars: [30, 19, 19, 19, 19, 19],
  };
}

const plain = { totals: [], notes: [], bars: [] };

function describeStatuses(
  { figures, options, shown, locale }: SummaryGiven,
  laterRemarks: string[],
): SheetTable {
  const { summary: words } = locale;
  const { currency, otherCurrencies, withoutAmount } = figures;
  const undated = hasPeriod(options) ? countUndated(figures) : 0;
  const parts = shown.map((status) => figures.statuses[status]);
  return {
    ...plain,
    heading: words.byStatus,
    columns: [locale.headings.status, words.count, words.value, words.countShare, words.valueShare],
    rows: shown.map((status) => [
      { type: "status", status },
      ...listPart(figures.statuses[status], currency),
    ]),
    totals: [[textCell(words.total), ...listWhole(parts, currency)]],
    notes: [
      ...(undated > 0 ? [words.describeUndated(undated)] : []),
      ...laterRemarks,
      ...(currency !== null && otherCurrencies.length > 0 ? [words.describeCurrency(currency)] : []),
      ...(withoutAmount > 0 ? [words.describeUnvalued(withoutAmount)] : []),
    ],
  };
}

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

function describeCurrencies({ figures, shown, locale }: SummaryGiven): SheetTable {
  const { summary: words } = locale;
  return {
    ...plain,
    heading: words.otherCurrencies,
    columns: [words.currency, words.count, ...shown.map((status) => locale.statuses[status])],
    rows: figures.otherCurrencies
      .slice(0, maxCurrencies)
      .map(({ currency, offers, statuses: values }) =>
        [textCell(currency === noCurrency ? words.noCurrency : currency), integerCell(offers)].concat(
          shown.map((status) => amountCell(values[status], currency)),
        ),
      ),
  };
}

/**
 * The largest number of further currencies in the summary. A portal may give any text as a currency, so there may be
 * very many.
 */
const maxCurrencies = 20;

function describeDecisions(given: SummaryGiven): SheetTable {
  const { figures, shown, locale } = given;
  const { summary: words } = locale;
  const { daysToDecision } = figures;
  const conversion = findShownConversion(shown, figures);
  const shares = conversion.type === "shares" ? conversion.conversion : null;
  const hasDecisions = shown.includes("accepted") || shown.includes("rejected");
  const untimed = countDecisions(given) - daysToDecision.offers;
  const aside: SheetCell[] = untimed > 0 ? [{ type: "aside", text: words.describeUntimed(untimed) }] : [];
  const decided: SheetCell = hasDecisions ? integerCell(daysToDecision.offers) : unknownNumber;
  const rows: SheetCell[][] = [
    [textCell(words.conversionByCount), shareCell(shares?.byCount ?? null)],
    [textCell(words.conversionByValue), shareCell(shares?.byValue ?? null)],
    [textCell(words.medianDays), { type: "number", number: daysToDecision.median }],
    [textCell(words.meanDays), { type: "number", number: daysToDecision.mean }],
    [textCell(words.decided), decided, ...aside],
  ];
  return {
    ...plain,
    heading: words.decisions,
    columns: [],
    rows,
    notes: [explainConversion(conversion, given)],
  };
}

const unknownNumber: SheetCell = { type: "number", number: null };

/** Returns the number of accepted and rejected offers, also of those whose number of days to the decision is unknown. */
function countDecisions({ figures, shown }: SummaryGiven): number {
  const decided = shown.filter((status) => status === "accepted" || status === "rejected");
  return sumCounts(decided.map((status) => figures.statuses[status]));
}

/** Says how the conversion is calculated, or why the sheet shows none. */
function explainConversion(conversion: ShownConversion, { options, locale }: SummaryGiven): string {
  const { summary: words } = locale;
  switch (conversion.type) {
    case "incomplete":
      return words.conversionNeeds;
    case "none":
      return words.noneDecided[findScope(options)];
    case "counts":
      return words.fewDecided(conversion.accepted, conversion.decided);
    case "shares":
      return words.conversionFormula;
  }
}

function describeAgeing({ figures, shown: selected, locale }: SummaryGiven): SheetTable {
  const { summary: words, filter } = locale;
  if (!selected.includes("open")) return emptyTable(words.ageing, filter.leftOut.open);
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

function describeCustomers({ figures, options, locale }: SummaryGiven): SheetTable {
  const { summary: words, filter } = locale;
  if (!options.status.includes("open")) return emptyTable(words.customers, filter.leftOut.open);
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
    notes: customers.length === 0 ? [words.noOpenOffers[findScope(options)]] : [],
  };
}
