import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { type Calendar, formatDay } from "../../functions/core/basics/calendar.ts";
import { describeRemarks } from "../../functions/core/language/locale.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import type { Layout } from "./library-writers.ts";

const chunkUnits = 32_768;

/** The same lines of CSV by plain string concatenation. */
export async function writePlain(rows: AsyncIterable<Row>, sink: Writable, layout: Layout) {
  const { columns, locale } = layout;
  let lines = `\ufeff${columns.map(({ name }) => locale.headings[name]).join(";")}\r\n`;
  for await (const row of rows) {
    lines += concatenateLine(row, layout);
    if (lines.length < chunkUnits) continue;
    if (!sink.write(lines)) await once(sink, "drain");
    lines = "";
  }
  sink.end(lines);
  await finished(sink);
}

export function concatenateLine(row: Row, { locale, calendar }: Layout): string {
  const yesNo = (isTrue: boolean | null) => (isTrue === null ? "" : isTrue ? locale.yes : locale.no);
  return `${quote(row.offerNumber)};${quote(row.offerId)};${quote(row.customerId)};${quote(row.customerName)};${day(row.issuedAt)};${day(row.expiresAt)};${locale.statuses[row.status]};${moment(row.decidedAt, calendar)};${row.daysToDecision ?? ""};${row.daysOpen ?? ""};${row.daysUntilExpiry ?? ""};${yesNo(row.expiringSoon)};${yesNo(row.acceptedLate)};${quote(row.currency)};${row.amount?.replace(".", ",") ?? ""};${yesNo(row.signed)};${moment(row.createdAt, calendar)};${quote(row.acceptedViaIp)};${quote(row.acceptedViaUserAgent)};${quote(describeRemarks(row.remarks, locale))}\r\n`;
}

function quote(text: string | null): string {
  if (text === null) return "";
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[";\r\n]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function day(value: number | null): string {
  if (value === null) return "";
  const date = formatDay(value);
  return `${date.slice(8, 10)}-${date.slice(5, 7)}-${date.slice(0, 4)}`;
}

function moment(value: number | null, calendar: Calendar): string {
  if (value === null) return "";
  const text = new Date(value + calendar.offsetMs(value)).toISOString();
  return `${text.slice(8, 10)}-${text.slice(5, 7)}-${text.slice(0, 4)} ${text.slice(11, 19)}`;
}
