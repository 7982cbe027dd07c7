import { type Day, type Moment, parseDay } from "../basics/calendar.ts";
import { addDecimal, formatDecimal, parseDecimal, zero } from "../basics/decimal.ts";
import type { Result } from "../export/export-state.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import { amountOf, type Field, integerOf, type Page, shareOf, type Table, textOf } from "./sheet-table.ts";

/** What a summary tells beside its figures. */
export type SummaryFacts = {
  asOf: Day;
  selection: string;
  startedAt: Moment;
  finishedAt: Moment;
  completeness: Result["completeness"];
};

type Given = { figures: Figures; locale: Locale };

/** What a report comes to, for who has a minute. */
export function describeSummary(figures: Figures, facts: SummaryFacts, locale: Locale): Page {
  const { summary: words, about } = locale;
  const given = { figures, locale };
  const tables = [
    describeStatuses(given),
    ...(figures.otherCurrencies.length === 0 ? [] : [describeCurrencies(given)]),
    describeDecisions(given),
    describeAgeing(given),
    describeCustomers(given),
    describeMonths(words.monthlyCounts, given, "offers"),
    describeMonths(words.monthlyValues, given, "value"),
  ];
  return {
    name: words.sheetName,
    title: words.title,
    facts: [
      { label: about.labels.asOf, field: { type: "day", day: facts.asOf } },
      { label: about.labels.selection, field: textOf(facts.selection) },
      { label: about.labels.startedAt, field: { type: "moment", moment: facts.startedAt } },
      { label: about.labels.finishedAt, field: { type: "moment", moment: facts.finishedAt } },
      { label: about.labels.completeness, field: textOf(words.verdicts[facts.completeness]) },
    ],
    tables,
    widthsChars: [30, 19, 19, 19, 19, 19],
  };
}

const plain = { totals: [], notes: [], bars: [] };

function describeStatuses({ figures, locale }: Given): Table {
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
    totals: [[textOf(words.total), ...listWhole(parts, currency)]],
    notes: [
      ...(currency !== null && otherCurrencies.length > 0 ? [words.describeCurrency(currency)] : []),
      ...(withoutAmount > 0 ? [words.describeUnvalued(withoutAmount)] : []),
    ],
  };
}

type Counted = { offers: number; value: string };
type Part = Counted & { share: number | null; valueShare: number | null };

function listPart({ offers, value, share, valueShare }: Part, currency: string | null): Field[] {
  return [integerOf(offers), amountOf(value, currency), shareOf(share), shareOf(valueShare)];
}

function listWhole(parts: Counted[], currency: string | null): Field[] {
  const offers = sumCounts(parts);
  const value = sumValues(parts);
  const whole = (sum: number) => (sum > 0 ? 1 : null);
  return listPart({ offers, value, share: whole(offers), valueShare: whole(Number(value)) }, currency);
}

function sumCounts(parts: Counted[]): number {
  return parts.reduce((sum, { offers }) => sum + offers, 0);
}

function sumValues(parts: Counted[]): string {
  const sum = zero();
  for (const { value } of parts) addDecimal(sum, parseDecimal(value));
  return formatDecimal(sum);
}

function describeCurrencies({ figures, locale }: Given): Table {
  const { summary: words } = locale;
  return {
    ...plain,
    heading: words.otherCurrencies,
    columns: [words.currency, words.count, ...statuses.map((status) => locale.statuses[status])],
    rows: figures.otherCurrencies
      .slice(0, mostCurrencies)
      .map(({ currency, offers, statuses: values }) =>
        [textOf(currency === noCurrency ? words.noCurrency : currency), integerOf(offers)].concat(
          statuses.map((status) => amountOf(values[status], currency)),
        ),
      ),
  };
}

/** There are some hundred and sixty; more are no currencies, and a summary stays one. */
const mostCurrencies = 20;

function describeDecisions({ figures, locale }: Given): Table {
  const { summary: words } = locale;
  const { conversion, daysToDecision } = figures;
  const rows: [string, Field][] = [
    [words.conversionByCount, shareOf(conversion.byCount)],
    [words.conversionByValue, shareOf(conversion.byValue)],
    [words.medianDays, { type: "number", number: daysToDecision.median }],
    [words.meanDays, { type: "number", number: daysToDecision.mean }],
    [words.decided, integerOf(daysToDecision.offers)],
  ];
  return {
    ...plain,
    heading: words.decisions,
    columns: [],
    rows: rows.map(([label, field]) => [textOf(label), field]),
    notes: [words.conversionFormula],
  };
}

function describeAgeing({ figures, locale }: Given): Table {
  const { summary: words } = locale;
  const { currency, ageing } = figures;
  const shown = ageing.filter(({ days, offers }) => offers > 0 || (days !== "later" && days !== "unknown"));
  return {
    ...plain,
    heading: words.ageing,
    columns: [words.age, words.count, words.value, words.countShare, words.valueShare],
    rows: shown.map((part) => [textOf(words.ages[part.days])].concat(listPart(part, currency))),
    totals: [[textOf(words.total), ...listWhole(ageing, currency)]],
  };
}

function describeCustomers({ figures, locale }: Given): Table {
  const { summary: words } = locale;
  const { currency, customers } = figures;
  return {
    ...plain,
    heading: words.customers,
    columns: [words.customer, words.count, words.value, words.valueShare],
    rows: customers.map(({ customerId, customerName, offers, value, share }) => [
      textOf(customerName ?? customerId ?? words.unknownCustomer),
      integerOf(offers),
      amountOf(value, currency),
      shareOf(share),
    ]),
    notes: customers.length === 0 ? [words.noOpenOffers] : [],
  };
}

/** The latest first; what was issued outside of the months only where there is any. */
function describeMonths(heading: string, { figures, locale }: Given, kind: "offers" | "value"): Table {
  const { summary: words } = locale;
  const { currency } = figures;
  const isOutside = (month: string): month is Outside => month in words.outside;
  const months = figures.months.filter(({ month }) => !isOutside(month)).toReversed();
  const outside = figures.months.filter(
    ({ month, statuses: parts }) => isOutside(month) && sumCounts(Object.values(parts)) > 0,
  );
  const tell = (parts: Counted[]): Field => {
    const offers = sumCounts(parts);
    if (offers === 0) return { type: "empty" };
    return kind === "offers" ? integerOf(offers) : amountOf(sumValues(parts), currency);
  };
  const list = (parts: Record<Status, Counted>) => [
    ...statuses.map((status) => tell([parts[status]])),
    tell(statuses.map((status) => parts[status])),
  ];
  const name = (month: string): Field =>
    isOutside(month) ? textOf(words.outside[month]) : { type: "month", day: parseDay(`${month}-01`) ?? 0 };
  return {
    heading,
    columns: [words.month, ...statuses.map((status) => locale.statuses[status]), words.total],
    rows: [...months, ...outside].map(({ month, statuses: parts }) => [name(month)].concat(list(parts))),
    totals: [[textOf(words.total), ...list(figures.statuses)]],
    notes: [],
    bars: statuses,
  };
}

type Outside = keyof Locale["summary"]["outside"];
