import type { Column, ColumnName, ColumnType } from "../core/column.ts";
import type { Locale } from "../core/locale.ts";

const widthsChars: Record<ColumnType, number> = {
  text: 20,
  day: 12,
  moment: 20,
  status: 14,
  integer: 8,
  boolean: 8,
  amount: 22,
  remarks: 60,
};

const ownWidthsChars: Partial<Record<ColumnName, number>> = {
  offerId: 22,
  customerId: 22,
  customerName: 36,
  currency: 8,
  acceptedViaUserAgent: 40,
};

/** Room for the filter's button beside the heading. */
const buttonChars = 4;

/** In characters of the workbook's font. */
export function findWidth({ name, type }: Column, { headings }: Locale): number {
  return Math.max(ownWidthsChars[name] ?? widthsChars[type], headings[name].length + buttonChars);
}
