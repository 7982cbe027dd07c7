import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createDeflateRaw } from "node:zlib";
import { deflateOptions } from "../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { type Calendar, formatDay, type Moment } from "../../functions/core/basics/calendar.ts";
import { describeRemarks } from "../../functions/core/language/locale.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import type { Layout } from "./library-writers.ts";

const chunkUnits = 65_536;

/** Writes the same XML of the rows by string concatenation, deflated at the same level, without a workbook. */
export async function writeXlsxFloor(rows: AsyncIterable<Row>, sink: Writable, layout: Layout) {
  const deflate = createDeflateRaw(deflateOptions);
  deflate.pipe(sink);
  let number = 1;
  let xml = "";
  for await (const row of rows) {
    number += 1;
    xml += concatenateRow(row, number, layout);
    if (xml.length < chunkUnits) continue;
    if (deflate.writableNeedDrain) await once(deflate, "drain");
    deflate.write(xml);
    xml = "";
  }
  deflate.end(xml);
  await finished(sink);
}

/** The ids that the workbook gives its styles, in the order of their first use. */
const styles = {
  day: 2,
  moment: 4,
  indented: 5,
  amount: 6,
  statuses: { accepted: 3, rejected: 7, expired: 8, open: 9 },
};

/** Correct only for the benchmark's rows, whose amounts are all in euros with two decimals. */
export function concatenateRow(row: Row, number: number, { locale, calendar }: Layout): string {
  const yesNo = (isTrue: boolean | null) => (isTrue === null ? null : isTrue ? locale.yes : locale.no);
  const serial = (moment: Moment) =>
    25_569 + Math.floor((moment + calendar.offsetMs(moment)) / 1000) / 86_400;
  let xml = `<row r="${number}" spans="1:${row.remarks.length > 0 ? 20 : row.acceptedViaIp === null ? 17 : 19}" x14ac:dyDescent="0.25">`;
  xml += textCell("A", number, row.offerNumber);
  xml += textCell("B", number, row.offerId);
  xml += textCell("C", number, row.customerId);
  xml += textCell("D", number, row.customerName);
  if (row.issuedAt !== null) xml += `<c r="E${number}" s="${styles.day}"><v>${25_569 + row.issuedAt}</v></c>`;
  if (row.expiresAt !== null)
    xml += `<c r="F${number}" s="${styles.day}"><v>${25_569 + row.expiresAt}</v></c>`;
  xml += `<c r="G${number}" s="${styles.statuses[row.status]}" t="str"><v>${locale.statuses[row.status]}</v></c>`;
  if (row.decidedAt !== null)
    xml += `<c r="H${number}" s="${styles.moment}"><v>${serial(row.decidedAt)}</v></c>`;
  if (row.daysToDecision !== null) xml += `<c r="I${number}"><v>${row.daysToDecision}</v></c>`;
  if (row.daysOpen !== null) xml += `<c r="J${number}"><v>${row.daysOpen}</v></c>`;
  if (row.daysUntilExpiry !== null) xml += `<c r="K${number}"><v>${row.daysUntilExpiry}</v></c>`;
  xml += word("L", number, yesNo(row.expiringSoon));
  xml += word("M", number, yesNo(row.acceptedLate));
  xml += textCell("N", number, row.currency);
  if (row.amount !== null) xml += `<c r="O${number}" s="${styles.amount}"><v>${Number(row.amount)}</v></c>`;
  xml += word("P", number, yesNo(row.signed));
  if (row.createdAt !== null)
    xml += `<c r="Q${number}" s="${styles.moment}"><v>${serial(row.createdAt)}</v></c>`;
  xml += textCell("R", number, row.acceptedViaIp);
  xml += textCell("S", number, row.acceptedViaUserAgent);
  xml += word("T", number, describeRemarks(row.remarks, locale));
  return `${xml}</row>`;
}

function textCell(column: string, number: number, value: string | null): string {
  return value === null ? "" : `<c r="${column}${number}" t="str"><v>${escape(value)}</v></c>`;
}

function word(column: string, number: number, value: string | null): string {
  const open = `<c r="${column}${number}" s="${styles.indented}" t="str">`;
  return value === null ? "" : `${open}<v>${escape(value)}</v></c>`;
}

function escape(value: string): string {
  if (!/[&<>"']/.test(value)) return value;
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}

const csvChunkUnits = 32_768;

/** Writes the same CSV by plain string concatenation. */
export async function writeCsvFloor(rows: AsyncIterable<Row>, sink: Writable, layout: Layout) {
  const { columns, locale } = layout;
  let lines = `\ufeff${columns.map(({ name }) => locale.headings[name]).join(";")}\r\n`;
  for await (const row of rows) {
    lines += concatenateLine(row, layout);
    if (lines.length < csvChunkUnits) continue;
    if (!sink.write(lines)) await once(sink, "drain");
    lines = "";
  }
  sink.end(lines);
  await finished(sink);
}

function concatenateLine(row: Row, { locale, calendar }: Layout): string {
  const yesNo = (isTrue: boolean | null) => (isTrue === null ? "" : isTrue ? locale.yes : locale.no);
  return `${quote(row.offerNumber)};${quote(row.offerId)};${quote(row.customerId)};${quote(row.customerName)};${writeDay(row.issuedAt)};${writeDay(row.expiresAt)};${locale.statuses[row.status]};${writeMoment(row.decidedAt, calendar)};${row.daysToDecision ?? ""};${row.daysOpen ?? ""};${row.daysUntilExpiry ?? ""};${yesNo(row.expiringSoon)};${yesNo(row.acceptedLate)};${quote(row.currency)};${row.amount?.replace(".", ",") ?? ""};${yesNo(row.signed)};${writeMoment(row.createdAt, calendar)};${quote(row.acceptedViaIp)};${quote(row.acceptedViaUserAgent)};${quote(describeRemarks(row.remarks, locale))}\r\n`;
}

function quote(text: string | null): string {
  if (text === null) return "";
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[";\r\n]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function writeDay(value: number | null): string {
  if (value === null) return "";
  const date = formatDay(value);
  return `${date.slice(8, 10)}-${date.slice(5, 7)}-${date.slice(0, 4)}`;
}

function writeMoment(value: number | null, calendar: Calendar): string {
  if (value === null) return "";
  const text = new Date(value + calendar.offsetMs(value)).toISOString();
  return `${text.slice(8, 10)}-${text.slice(5, 7)}-${text.slice(0, 4)} ${text.slice(11, 19)}`;
}
