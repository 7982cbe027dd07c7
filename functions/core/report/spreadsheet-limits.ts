import type { Remark } from "../offer/offer.ts";
import type { Row } from "./report-row.ts";

/** What one cell of a spreadsheet holds, in UTF-16 units: Excel's "Specifications and limits". */
export const maxCellUnits = 32_767;

const maxDigits = 15;
const maxDecimals = 30;
const maxIntegerDigits = 300;

const textFields = [
  "offerNumber",
  "offerId",
  "customerId",
  "customerName",
  "currency",
  "acceptedViaIp",
  "acceptedViaUserAgent",
] as const satisfies (keyof Row)[];

const rawFields = [
  "issuedAt",
  "expiresAt",
  "decidedAt",
  "amount",
  "createdAt",
] as const satisfies (keyof Row["raw"])[];

/** The row as a spreadsheet can hold it, with a remark on what it could not; the same object where it can. */
export function fitSpreadsheetRow(row: Row): Row {
  const longFields = textFields.filter((field) => isLong(row[field]));
  const longRaws = rawFields.filter((field) => isLong(row.raw[field]));
  const isTooPrecise = row.amount !== null && !fitsSpreadsheetNumber(row.amount);
  if (longFields.length === 0 && longRaws.length === 0 && !isTooPrecise) return row;

  const fitted: Row = { ...row, raw: { ...row.raw } };
  for (const field of longFields) fitted[field] = cutCellText(row[field] ?? "");
  for (const field of longRaws) fitted.raw[field] = cutCellText(row.raw[field] ?? "");
  const cuts = [...longFields, ...longRaws].map((field): Remark => ({ code: "textCut", field }));
  fitted.remarks = [...row.remarks, ...cuts, ...(isTooPrecise ? [tooPrecise] : [])];
  return fitted;
}

const tooPrecise: Remark = { code: "amountTooPrecise" };

function isLong(text: string | null | undefined): boolean {
  return text != null && text.length > maxCellUnits;
}

/** Cuts what a cell cannot hold, never inside a surrogate pair. */
export function cutCellText(text: string): string {
  if (text.length <= maxCellUnits) return text;
  const isSplit = (text.codePointAt(maxCellUnits - 1) ?? 0) > 0xffff;
  return text.slice(0, isSplit ? maxCellUnits - 1 : maxCellUnits);
}

/** Whether a spreadsheet's number keeps every digit of a plain decimal, and a number format can show them. */
export function fitsSpreadsheetNumber(amount: string): boolean {
  if (amount.length <= maxDigits) return true;
  const [integer = "", decimals = ""] = amount.split(".");
  if (integer.length > maxIntegerDigits || decimals.length > maxDecimals) return false;
  const digits = `${integer.replace("-", "")}${decimals}`.replace(/^0+/, "");
  return digits.replace(/0+$/, "").length <= maxDigits;
}
