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
