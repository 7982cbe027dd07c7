import type { Column, ColumnName, ColumnType } from "../../core/report/columns.ts";
import type { Locale } from "../../core/language/locale.ts";
import { countLines } from "../../core/basics/safe-text--wrap.ts";

/** None is 9, which exceljs takes for no width at all. */
const widthsChars: Record<ColumnType, number> = {
  text: 20,
  day: 12,
  moment: 20,
  status: 14,
  integer: 10,
  boolean: 10,
  amount: 20,
  remarks: 60,
};

const ownWidthsChars: Partial<Record<ColumnName, number>> = {
  offerNumber: 17,
  offerId: 22,
  customerId: 22,
  customerName: 36,
  daysToDecision: 13,
  daysUntilExpiry: 14,
  currency: 10,
  acceptedViaUserAgent: 40,
};

/** Room for the filter's button beside the heading's last line. */
const buttonChars = 4;

/** In characters of the workbook's font. Headings are wrapped: the longest is many times as wide as its numbers. */
export function findWidth({ name, type }: Column, { headings }: Locale): number {
  const words = headings[name].split(" ").map(({ length }) => length + buttonChars);
  return Math.max(ownWidthsChars[name] ?? widthsChars[type], ...words);
}

/** Of the longest heading, in lines. */
export function countHeadingLines(columns: Column[], locale: Locale): number {
  const lines = columns.map((column) => {
    return countLines(locale.headings[column.name], findWidth(column, locale) - buttonChars);
  });
  return Math.max(...lines);
}
