import type { Remark } from "../offer/offer.ts";
import { keysOf } from "../options/column-order.ts";
import { textColumns } from "./columns.ts";
import type { RawColumn, Row } from "./report-row.ts";

/** The number of UTF-16 units that fit in one cell, from Excel's "Specifications and limits". */
export const maxCellUnits = 32_767;

/** A spreadsheet's number, a double, keeps 15 digits exactly, and a number format shows at most 30 decimals. */
const maxDigits = 15;
const maxDecimals = 30;
/** The largest number of digits before the decimal point. A double cannot have more than 309. */
const maxIntegerDigits = 300;

/** The columns for which a row may hold the portal's raw text. The compiler requires every such column. */
const rawColumns = keysOf({
  issuedAt: true,
  expiresAt: true,
  decidedAt: true,
  amount: true,
  createdAt: true,
} satisfies Record<RawColumn, true>);

/**
 * Returns the row as a spreadsheet can hold it, with a remark on each value that does not fit. Returns the same
 * object when every value fits.
 */
export function fitSpreadsheetRow(row: Row): Row {
  const longTexts = textColumns.filter((name) => isLong(row[name]));
  const longRaws = rawColumns.filter((name) => isLong(row.raw[name]));
  const isTooPrecise = row.amount !== null && !fitsSpreadsheetNumber(row.amount);
  if (longTexts.length === 0 && longRaws.length === 0 && !isTooPrecise) return row;

  const fitted: Row = { ...row, raw: { ...row.raw } };
  for (const name of longTexts) fitted[name] = cutCellText(row[name] ?? "");
  for (const name of longRaws) fitted.raw[name] = cutCellText(row.raw[name] ?? "");
  const cuts = [...longTexts, ...longRaws].map((field): Remark => ({ code: "textCut", field }));
  fitted.remarks = [...row.remarks, ...cuts, ...(isTooPrecise ? [tooPrecise] : [])];
  return fitted;
}

const tooPrecise: Remark = { code: "amountTooPrecise" };

function isLong(text: string | null | undefined): boolean {
  return text != null && text.length > maxCellUnits;
}

/** Cuts a text to the length of a cell, never inside a surrogate pair. */
export function cutCellText(text: string): string {
  if (text.length <= maxCellUnits) return text;
  const isSplit = (text.codePointAt(maxCellUnits - 1) ?? 0) > 0xffff;
  return text.slice(0, isSplit ? maxCellUnits - 1 : maxCellUnits);
}

/** True when a spreadsheet's number keeps every digit of the decimal, and a number format can show every digit. */
export function fitsSpreadsheetNumber(amount: string): boolean {
  if (amount.length <= maxDigits) return true;
  const [integer = "", decimals = ""] = amount.split(".");
  if (integer.length > maxIntegerDigits || decimals.length > maxDecimals) return false;
  const digits = `${integer.replace("-", "")}${decimals}`.replace(/^0+/, "");
  return digits.replace(/0+$/, "").length <= maxDigits;
}
