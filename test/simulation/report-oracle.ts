// What a report should say about an offer, worked out from the portal's JSON without the service's own code.

/** The fields of an offer as the portal gives them. */
export type OfferFields = Readonly<Record<OfferField, unknown>>;
type OfferField =
  "id" | "customerId" | "issuedAt" | "expiresAt" | "amount" | "acceptedAt" | "rejectedAt" | "createdAt";

/** The options by which a report selects offers. */
export type ReportSelection = { asOf: string; status: readonly string[]; period: string | null };

/** The cells of a row that are checked. Undefined stands for a value that this oracle cannot read. */
export type ExpectedRow = {
  status: string;
  issuedAt: string;
  expiresAt: string;
  amount: string | undefined;
  decidedMs: number | null;
};

type ReadOffer = {
  createdDay: string | null;
  issuedDay: string | null;
  expiryDay: string | null;
  acceptedMs: number | null;
  rejectedMs: number | null;
  amount: string | undefined;
};

const readOffers = new WeakMap<OfferFields, ReadOffer>();

/** Returns the row of an offer; null when the report leaves the offer out. */
export function expectRow(
  fields: OfferFields,
  { asOf, status, period }: ReportSelection,
): ExpectedRow | null {
  const offer = readOffer(fields);
  const { createdDay, issuedDay, expiryDay } = offer;
  const isLater = createdDay !== null && createdDay > asOf && issuedDay !== null && issuedDay > asOf;
  if (isLater || !isInPeriod(issuedDay, period, asOf)) return null;
  const acceptedMs = isDecided(offer.acceptedMs, asOf) ? offer.acceptedMs : null;
  const rejectedMs = isDecided(offer.rejectedMs, asOf) ? offer.rejectedMs : null;
  const decidedMs = acceptedMs === null ? rejectedMs : Math.max(acceptedMs, rejectedMs ?? -Infinity);
  const isExpired = expiryDay !== null && expiryDay < asOf;
  const judged =
    decidedMs === null
      ? isExpired
        ? "expired"
        : "open"
      : decidedMs === acceptedMs
        ? "accepted"
        : "rejected";
  if (!status.includes(judged)) return null;
  return {
    status: judged,
    issuedAt: issuedDay ?? "",
    expiresAt: expiryDay ?? "",
    amount: offer.amount,
    decidedMs,
  };
}

function readOffer(fields: OfferFields): ReadOffer {
  const known = readOffers.get(fields);
  if (known !== undefined) return known;
  const createdMs = readMoment(fields.createdAt);
  const read = {
    createdDay: createdMs === null ? null : findDay(createdMs),
    issuedDay: readDay(fields.issuedAt),
    expiryDay: readDay(fields.expiresAt),
    acceptedMs: readMoment(fields.acceptedAt),
    rejectedMs: readMoment(fields.rejectedAt),
    amount: readAmount(fields.amount),
  };
  readOffers.set(fields, read);
  return read;
}

function isDecided(ms: number | null, asOf: string): boolean {
  return ms !== null && findDay(ms) <= asOf;
}

/** An offer without a readable day of issue is in every period. */
function isInPeriod(day: string | null, period: string | null, asOf: string): boolean {
  if (day === null || period === null) return true;
  return day.startsWith(period === "this-month" ? asOf.slice(0, 7) : period);
}

function readDay(value: unknown): string | null {
  const day = typeof value === "string" ? value.slice(0, 10) : "";
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // A day that does not exist, such as February 30th, is another day once it is read.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? null : day;
}

/** Reads a moment. A moment without an offset is in the report's zone, and one of the year 1 means that there is none. */
function readMoment(value: unknown): number | null {
  if (typeof value !== "string" || value === "" || value.startsWith("0001")) return null;
  if (/(Z|[+-]\d\d:\d\d)$/.test(value)) return Date.parse(value);
  const ms = Date.parse(`${value.replace(" ", "T")}Z`);
  return ms - offsetMs(ms - offsetMs(ms));
}

function readAmount(value: unknown): string | undefined {
  return typeof value === "string" && /^\d+\.\d\d$/.test(value) ? value : undefined;
}

const hourMs = 3_600_000;

/** Returns the day of a moment in Amsterdam. */
function findDay(ms: number): string {
  return new Date(ms + offsetMs(ms)).toISOString().slice(0, 10);
}

/** Summer time begins and ends at 1 o'clock UTC on the last Sundays of March and October. */
function offsetMs(ms: number): number {
  const year = new Date(ms).getUTCFullYear();
  const isSummer = ms >= findLastSunday(year, 2) && ms < findLastSunday(year, 9);
  return isSummer ? 2 * hourMs : hourMs;
}

function findLastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 31, 1));
  return last.getTime() - last.getUTCDay() * 24 * hourMs;
}

export type ReportRow = Record<string, string>;

/** Reads the rows of a CSV with quotes where they are needed and CRLF between the lines (RFC 4180). */
export function readCsv(text: string): ReportRow[] {
  const [heading = [], ...rows] = splitRecords(text).map(splitFields);
  return rows.map((fields) => Object.fromEntries(heading.map((name, index) => [name, fields[index] ?? ""])));
}

/** Splits the text at its line ends, except at those between quotes. */
function splitRecords(text: string): string[] {
  const records: string[] = [];
  let record = "";
  for (const line of text.split("\r\n")) {
    record = record === "" ? line : `${record}\r\n${line}`;
    if (record.includes('"') && (record.split('"').length - 1) % 2 === 1) continue;
    if (record !== "") records.push(record);
    record = "";
  }
  return records;
}

function splitFields(record: string): string[] {
  if (!record.includes('"')) return record.split(",");
  const fields = record.match(/(?<=^|,)("(?:[^"]|"")*"|[^,]*)/gs) ?? [];
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}
