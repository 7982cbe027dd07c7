import type { Day, Moment } from "../basics/calendar.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Remark } from "../offer/offer.ts";
import type { Row } from "./report-row.ts";

export type ColumnName = Exclude<keyof Row, "raw">;

/** How a column's values are to be written. */
export type ColumnType = "text" | "day" | "moment" | "status" | "integer" | "boolean" | "amount" | "remarks";

export type Column = { name: ColumnName; type: ColumnType };

const columns: readonly Column[] = [
  { name: "offerNumber", type: "text" },
  { name: "offerId", type: "text" },
  { name: "customerId", type: "text" },
  { name: "customerName", type: "text" },
  { name: "issuedAt", type: "day" },
  { name: "expiresAt", type: "day" },
  { name: "status", type: "status" },
  { name: "decidedAt", type: "moment" },
  { name: "daysToDecision", type: "integer" },
  { name: "daysOpen", type: "integer" },
  { name: "daysUntilExpiry", type: "integer" },
  { name: "expiringSoon", type: "boolean" },
  { name: "acceptedLate", type: "boolean" },
  { name: "currency", type: "text" },
  { name: "amount", type: "amount" },
  { name: "signed", type: "boolean" },
  { name: "createdAt", type: "moment" },
  { name: "acceptedViaIp", type: "text" },
  { name: "acceptedViaUserAgent", type: "text" },
  { name: "remarks", type: "remarks" },
];

const evidenceColumns: ReadonlySet<ColumnName> = new Set(["acceptedViaIp", "acceptedViaUserAgent"]);

/** The report's columns in their order; evidence is personal data and stands there only when asked for. */
export function listColumns(evidence: boolean): Column[] {
  return columns.filter((column) => evidence || !evidenceColumns.has(column.name));
}

/** What a row holds in one column. `raw` is the portal's text where a value could not be read. */
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
