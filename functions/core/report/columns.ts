import type { Day, Moment } from "../basics/calendar.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Remark } from "../offer/offer.ts";
import {
  type ColumnChoice,
  type ColumnName,
  listColumnNames,
  machineOrder,
} from "../options/column-order.ts";
import type { Row } from "./report-row.ts";

type RowField = Exclude<keyof Row, "raw">;

/** The kind of a column's values, which decides how a file shows them. */
export type ColumnType = "text" | "day" | "moment" | "status" | "integer" | "boolean" | "amount" | "remarks";

export type Column = { name: ColumnName; type: ColumnType };

/**
 * The type of every column. The compiler requires a column for each field of `Row` except `raw`, and a place for each
 * column in both orders of `column-order.ts`.
 */
const columnTypes = {
  offerNumber: "text",
  offerId: "text",
  customerId: "text",
  customerName: "text",
  issuedAt: "day",
  expiresAt: "day",
  status: "status",
  decidedAt: "moment",
  daysToDecision: "integer",
  daysOpen: "integer",
  daysUntilExpiry: "integer",
  expiringSoon: "boolean",
  acceptedLate: "boolean",
  currency: "text",
  amount: "amount",
  signed: "boolean",
  createdAt: "moment",
  acceptedViaIp: "text",
  acceptedViaUserAgent: "text",
  remarks: "remarks",
} as const satisfies Record<ColumnName, ColumnType> satisfies Record<RowField, ColumnType>;

/** Returns a report's columns in their order. */
export function listColumns(choice: ColumnChoice): Column[] {
  return listColumnNames(choice).map((name) => ({ name, type: columnTypes[name] }));
}

/** The width of a column by its type, in characters. No width may be 9, because exceljs ignores this width. */
const widthsByType: Record<ColumnType, number> = {
  text: 20,
  day: 12,
  moment: 20,
  status: 14,
  integer: 10,
  boolean: 10,
  amount: 20,
  remarks: 60,
};

const widthsByName: Partial<Record<ColumnName, number>> = {
  offerNumber: 17,
  offerId: 22,
  customerId: 22,
  customerName: 36,
  daysToDecision: 13,
  daysUntilExpiry: 14,
  currency: 10,
  acceptedViaUserAgent: 40,
};

/**
 * Returns the width of a column in a spreadsheet, in characters. The writer of the sheet widens the column when the
 * heading needs more space.
 */
export function findColumnWidth({ name, type }: Column): number {
  return widthsByName[name] ?? widthsByType[type];
}

type TextColumn = {
  [Name in ColumnName]: (typeof columnTypes)[Name] extends "text" ? Name : never;
}[ColumnName];

/** The columns that hold a text from the portal. */
export const textColumns = machineOrder.filter((name): name is TextColumn => columnTypes[name] === "text");

/** The content of a cell. `raw` is the portal's text of a value that cannot be read. */
export type Cell =
  | { type: "empty" }
  | { type: "text" | "raw"; text: string }
  | { type: "day"; day: Day }
  | { type: "moment"; moment: Moment }
  | { type: "status"; status: Status }
  | { type: "integer"; integer: number }
  | { type: "boolean"; isTrue: boolean }
  | { type: "amount"; amount: string; currency: string | null }
  | { type: "remarks"; remarks: Remark[] };

const empty: Cell = { type: "empty" };
const isTrue: Cell = { type: "boolean", isTrue: true };
const isFalse: Cell = { type: "boolean", isTrue: false };

export function readCell(row: Row, { name, type }: Column): Cell {
  const value = row[name];
  if (value === null) return readRaw(row, name);
  if (typeof value === "boolean") return value ? isTrue : isFalse;
  if (typeof value === "number") return readNumber(value, type);
  if (typeof value === "object") return value.length === 0 ? empty : { type: "remarks", remarks: value };
  if (type === "status") return { type, status: row.status };
  return type === "amount" ? { type, amount: value, currency: row.currency } : { type: "text", text: value };
}

function readRaw(row: Row, name: ColumnName): Cell {
  const raw: Partial<Record<ColumnName, string>> = row.raw;
  const text = raw[name];
  return text === undefined ? empty : { type: "raw", text };
}

function readNumber(value: number, type: Column["type"]): Cell {
  if (!Number.isFinite(value)) return empty;
  if (type === "day") return { type, day: value };
  return type === "moment" ? { type, moment: value } : { type: "integer", integer: value };
}
