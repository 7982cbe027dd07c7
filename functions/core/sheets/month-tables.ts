import { type Day, formatDay, parseDay } from "../basics/calendar.ts";
import { addDecimal, formatDecimal, parseDecimal, zeroDecimal } from "../basics/decimal.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import { maxCurrencyUnits } from "../language/locales.ts";
import type { Status } from "../offer/offer-status.ts";
import { type IssueRange, type Options, resolveRange } from "../options/export-options.ts";
import {
  amountCell,
  type SheetCell,
  integerCell,
  readCellNumber,
  type SheetChart,
  type SheetTable,
  textCell,
} from "./sheet-table.ts";

/** `shown` are the statuses of the selection, in the usual order. */
export type SummaryGiven = { figures: Figures; options: Options; shown: Status[]; locale: Locale };

export type Counted = { offers: number; value: string };
type Outside = keyof Locale["summary"]["outside"];

const empty: SheetCell = { type: "empty" };

/**
 * Describes a table of the months in the report's period, the latest month first. A month has a row, and every total a
 * number, even without offers; an empty cell is a status without offers in that month. Rows for all other offers,
 * issued before or after these months or without a readable issue date, appear only when there are such offers.
 */
export function describeMonths(heading: string, given: SummaryGiven, kind: "offers" | "value"): SheetTable {
  const { figures, options, shown, locale } = given;
  const { summary: words } = locale;
  const { currency } = figures;
  const isOutside = (month: string): month is Outside => month in words.outside;
  const range = resolveRange(options);
  const months = figures.months
    .filter(({ month }) => !isOutside(month) && isWithin(month, range))
    .toReversed();
  const outside = figures.months.filter(
    ({ month, statuses: parts }) => isOutside(month) && sumCounts(Object.values(parts)) > 0,
  );
  const sumCell = (parts: Counted[]): SheetCell =>
    kind === "offers" ? integerCell(sumCounts(parts)) : amountCell(sumValues(parts), currency);
  const totalCell = (parts: Record<Status, Counted>) => sumCell(shown.map((status) => parts[status]));
  const list = (parts: Record<Status, Counted>) => [
    ...shown.map((status): SheetCell => (parts[status].offers === 0 ? empty : sumCell([parts[status]]))),
    totalCell(parts),
  ];
  const totals = [...shown.map((status) => sumCell([figures.statuses[status]])), totalCell(figures.statuses)];
  const name = (month: string): SheetCell =>
    isOutside(month) ? textCell(words.outside[month]) : { type: "month", day: parseDay(`${month}-01`) ?? 0 };
  return {
    heading,
    columns: [words.month, ...shown.map((status) => locale.statuses[status]), words.total],
    rows: [...months, ...outside].map(({ month, statuses: parts }) => [name(month)].concat(list(parts))),
    totals: [[textCell(words.total), ...totals]],
    notes: [],
    bars: shown,
  };
}

/** True when a day of the month, given as `YYYY-MM`, is in the range. */
function isWithin(month: string, { from, to }: IssueRange): boolean {
  const monthOf = (day: Day) => formatDay(day).slice(0, month.length);
  return (from === null || month >= monthOf(from)) && (to === null || month <= monthOf(to));
}

export function describeChart(
  table: SheetTable,
  currency: string | null,
  { summary: words }: Locale,
): SheetChart {
  const name = currency === noCurrency ? words.noCurrency : currency;
  const unit = name === null ? "" : ` (${sanitizeText(name, maxCurrencyUnits)})`;
  return { title: `${table.heading}${unit}`, description: words.describeChart(table.heading), table };
}

/** True when the table has several months, and one of them has a number other than zero. */
export function isWorthChart({ rows }: SheetTable): boolean {
  const months = rows.filter(([cell]) => cell?.type === "month");
  return months.length > 1 && months.flat().some((cell) => (readCellNumber(cell) ?? 0) !== 0);
}

export function sumCounts(parts: Counted[]): number {
  return parts.reduce((sum, { offers }) => sum + offers, 0);
}

export function sumValues(parts: Counted[]): string {
  const sum = zeroDecimal();
  for (const { value } of parts) addDecimal(sum, parseDecimal(value));
  return formatDecimal(sum);
}
