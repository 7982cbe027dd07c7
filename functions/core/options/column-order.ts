import { sanitizeName } from "../basics/safe-text.ts";

/** Every column, in the order of the `machine` CSV. The order stays, because programs read columns by position. */
export const machineOrder = [
  "offerNumber",
  "offerId",
  "customerId",
  "customerName",
  "issuedAt",
  "expiresAt",
  "status",
  "decidedAt",
  "daysToDecision",
  "daysOpen",
  "daysUntilExpiry",
  "expiringSoon",
  "acceptedLate",
  "currency",
  "amount",
  "signed",
  "createdAt",
  "acceptedViaIp",
  "acceptedViaUserAgent",
  "remarks",
] as const;

export type ColumnName = (typeof machineOrder)[number];

/**
 * Every column, in the order for people: XLSX, the `excel` CSV and the page. The facts that people look for come
 * first, and the ids come last. The compiler requires every column.
 */
export const peopleOrder = keysOf({
  offerNumber: true,
  customerName: true,
  issuedAt: true,
  amount: true,
  status: true,
  expiresAt: true,
  daysUntilExpiry: true,
  expiringSoon: true,
  daysOpen: true,
  decidedAt: true,
  daysToDecision: true,
  acceptedLate: true,
  currency: true,
  signed: true,
  createdAt: true,
  acceptedViaIp: true,
  acceptedViaUserAgent: true,
  remarks: true,
  customerId: true,
  offerId: true,
} satisfies Record<ColumnName, true>);

/** The columns that hold personal data. A report has them only with `evidence`. */
const evidenceColumns: readonly string[] = ["acceptedViaIp", "acceptedViaUserAgent"] satisfies ColumnName[];

/** The options that decide the columns. `dialect` is null for XLSX; `columns` is null unless the caller chose them. */
export type ColumnChoice = {
  dialect: "excel" | "machine" | null;
  evidence: boolean;
  columns: ColumnName[] | null;
};

/** Returns the names of a report's columns, in their order. */
export function listColumnNames({ dialect, evidence, columns }: ColumnChoice): ColumnName[] {
  if (columns !== null) return columns;
  const order = dialect === "machine" ? machineOrder : peopleOrder;
  return order.filter((name) => evidence || !evidenceColumns.includes(name));
}

/** True when a report with these options has a column with personal data. */
export function showsEvidence(choice: ColumnChoice): boolean {
  return listColumnNames(choice).some((name) => evidenceColumns.includes(name));
}

const validNames = `the columns are ${machineOrder.join(", ")}`;

export const columnsHint = `must be a list of names of columns: ${validNames}`;

/** The largest number of wrong names that an error repeats. */
const maxNamed = 3;

/** Returns what is wrong with a choice of columns, as sentences that list the valid names. */
export function findColumnErrors(given: string[]): string[] {
  if (given.length === 0) return [`must name at least one column: ${validNames}`];
  const known = new Set<string>(machineOrder);
  const counted = new Map<string, number>();
  for (const name of given) counted.set(name, (counted.get(name) ?? 0) + 1);
  const unknown = [...counted.keys()].filter((name) => !known.has(name));
  const repeated = [...counted].filter(([name, times]) => known.has(name) && times > 1).map(([name]) => name);
  return [
    ...(unknown.length === 0 ? [] : [`must not name ${quoteNames(unknown)}: ${validNames}`]),
    ...(repeated.length === 0 ? [] : [`must name ${quoteNames(repeated)} once: ${validNames}`]),
  ];
}

function quoteNames(names: string[]): string {
  const quoted = names.slice(0, maxNamed).map((name) => `"${sanitizeName(name)}"`);
  const more = names.length - quoted.length;
  return more === 0 ? quoted.join(", ") : `${quoted.join(", ")} and ${more} more`;
}

/** Returns what is wrong when a choice of columns includes personal data, but `evidence` is not set. */
export function findEvidenceConflict(columns: unknown, evidence: unknown): string | null {
  if (evidence === true || !Array.isArray(columns)) return null;
  const named = evidenceColumns.filter((name) => columns.includes(name));
  return named.length === 0 ? null : `may name ${named.join(" and ")} with evidence=true only`;
}

export function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys types keys as string
  return Object.keys(record) as Key[];
}
