import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createDeflateRaw } from "node:zlib";
import { columnLetters } from "../../functions/adapters/spreadsheet/row-xml.ts";
import type { RowBatches } from "../../functions/adapters/spreadsheet/output-stream.ts";
import { deflateOptions } from "../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { formatDay, type Moment } from "../../functions/core/basics/calendar.ts";
import { describeRemarks } from "../../functions/core/language/locale.ts";
import type { ColumnName } from "../../functions/core/options/column-order.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import type { Layout } from "./library-writers.ts";

type Format = (row: Row) => string;

const xmlChunkUnits = 65_536;

/**
 * Writes the XML of the rows by string concatenation, without a workbook around it. Deflates the XML with the options
 * of the project's XLSX writer.
 */
export async function writeXlsxFloor(batches: RowBatches, sink: Writable, layout: Layout) {
  const deflate = createDeflateRaw(deflateOptions);
  deflate.pipe(sink);
  const concatenateRow = createRowConcatenator(layout);
  let number = 1;
  let xml = "";
  for await (const rows of batches) {
    for (const row of rows) {
      number += 1;
      xml += concatenateRow(row, number);
      if (xml.length < xmlChunkUnits) continue;
      if (deflate.writableNeedDrain) await once(deflate, "drain");
      deflate.write(xml);
      xml = "";
    }
  }
  deflate.end(xml);
  await finished(sink);
}

/**
 * Returns a function that writes a row's XML. The XML is right only for the benchmark's rows, because the function
 * expects every amount in euros with two decimals.
 */
export function createRowConcatenator(layout: Layout): (row: Row, number: number) => string {
  const formats = makeXmlFormats(layout);
  const columns = layout.columns.map(({ name }, index) => ({
    number: index + 1,
    open: `<c r="${columnLetters(index + 1)}`,
    format: formats[name],
  }));
  return (row, number) => {
    let cells = "";
    let lastColumn = 0;
    for (const column of columns) {
      const content = column.format(row);
      if (content === "") continue;
      cells += `${column.open}${number}"${content}</v></c>`;
      lastColumn = column.number;
    }
    return `<row r="${number}" spans="1:${lastColumn}" x14ac:dyDescent="0.25">${cells}</row>`;
  };
}

/** The ids of the styles in the project's workbooks. A workbook numbers its styles in the order of their first use. */
const styles = {
  day: 4,
  moment: 8,
  indented: 7,
  amount: 5,
  statuses: { accepted: 6, rejected: 9, expired: 10, open: 11 },
};

/**
 * Returns a function for each column. The function returns a cell's XML between the cell's address and the end of the
 * value; "" for an empty cell.
 */
function makeXmlFormats({ locale, calendar }: Layout): Record<ColumnName, Format> {
  const text = (value: string | null) => (value === null ? "" : ` t="str"><v>${escape(value)}`);
  const word = (value: string | null) =>
    value === null ? "" : ` s="${styles.indented}" t="str"><v>${escape(value)}`;
  const yesNo = (isTrue: boolean | null) => word(isTrue === null ? null : isTrue ? locale.yes : locale.no);
  const count = (value: number | null) => (value === null ? "" : `><v>${value}`);
  const day = (value: number | null) => (value === null ? "" : ` s="${styles.day}"><v>${25_569 + value}`);
  const serial = (value: Moment) => 25_569 + Math.floor((value + calendar.offsetMs(value)) / 1000) / 86_400;
  const moment = (value: Moment | null) =>
    value === null ? "" : ` s="${styles.moment}"><v>${serial(value)}`;
  return {
    offerNumber: (row) => text(row.offerNumber),
    offerId: (row) => text(row.offerId),
    customerId: (row) => text(row.customerId),
    customerName: (row) => text(row.customerName),
    issuedAt: (row) => day(row.issuedAt),
    expiresAt: (row) => day(row.expiresAt),
    status: ({ status }) => ` s="${styles.statuses[status]}" t="str"><v>${locale.statuses[status]}`,
    decidedAt: (row) => moment(row.decidedAt),
    daysToDecision: (row) => count(row.daysToDecision),
    daysOpen: (row) => count(row.daysOpen),
    daysUntilExpiry: (row) => count(row.daysUntilExpiry),
    expiringSoon: (row) => yesNo(row.expiringSoon),
    acceptedLate: (row) => yesNo(row.acceptedLate),
    currency: (row) => text(row.currency),
    amount: ({ amount }) => (amount === null ? "" : ` s="${styles.amount}"><v>${Number(amount)}`),
    signed: (row) => yesNo(row.signed),
    createdAt: (row) => moment(row.createdAt),
    acceptedViaIp: (row) => text(row.acceptedViaIp),
    acceptedViaUserAgent: (row) => text(row.acceptedViaUserAgent),
    remarks: (row) => word(describeRemarks(row.remarks, locale)),
  };
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

/** Writes the rows as a Dutch CSV by string concatenation. */
export async function writeCsvFloor(batches: RowBatches, sink: Writable, layout: Layout) {
  const { columns, locale } = layout;
  const concatenateLine = createLineConcatenator(layout);
  let lines = `\ufeff${columns.map(({ name }) => locale.headings[name]).join(";")}\r\n`;
  for await (const rows of batches) {
    for (const row of rows) {
      lines += concatenateLine(row);
      if (lines.length < csvChunkUnits) continue;
      if (!sink.write(lines)) await once(sink, "drain");
      lines = "";
    }
  }
  sink.end(lines);
  await finished(sink);
}

function createLineConcatenator(layout: Layout): Format {
  const formats = makeCsvFormats(layout);
  const [first, ...others] = layout.columns.map(({ name }) => formats[name]);
  return (row) => {
    let line = first?.(row) ?? "";
    for (const format of others) line += `;${format(row)}`;
    return `${line}\r\n`;
  };
}

function makeCsvFormats({ locale, calendar }: Layout): Record<ColumnName, Format> {
  const yesNo = (isTrue: boolean | null) => (isTrue === null ? "" : isTrue ? locale.yes : locale.no);
  const count = (value: number | null) => (value === null ? "" : `${value}`);
  const moment = (value: Moment | null) =>
    value === null ? "" : formatClockTime(value + calendar.offsetMs(value));
  return {
    offerNumber: (row) => quote(row.offerNumber),
    offerId: (row) => quote(row.offerId),
    customerId: (row) => quote(row.customerId),
    customerName: (row) => quote(row.customerName),
    issuedAt: (row) => formatDutchDay(row.issuedAt),
    expiresAt: (row) => formatDutchDay(row.expiresAt),
    status: (row) => locale.statuses[row.status],
    decidedAt: (row) => moment(row.decidedAt),
    daysToDecision: (row) => count(row.daysToDecision),
    daysOpen: (row) => count(row.daysOpen),
    daysUntilExpiry: (row) => count(row.daysUntilExpiry),
    expiringSoon: (row) => yesNo(row.expiringSoon),
    acceptedLate: (row) => yesNo(row.acceptedLate),
    currency: (row) => quote(row.currency),
    amount: (row) => row.amount?.replace(".", ",") ?? "",
    signed: (row) => yesNo(row.signed),
    createdAt: (row) => moment(row.createdAt),
    acceptedViaIp: (row) => quote(row.acceptedViaIp),
    acceptedViaUserAgent: (row) => quote(row.acceptedViaUserAgent),
    remarks: (row) => quote(describeRemarks(row.remarks, locale)),
  };
}

function quote(text: string | null): string {
  if (text === null) return "";
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[";\r\n]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function formatDutchDay(value: number | null): string {
  if (value === null) return "";
  const date = formatDay(value);
  return `${date.slice(8, 10)}-${date.slice(5, 7)}-${date.slice(0, 4)}`;
}

function formatClockTime(wallClockMs: number): string {
  const text = new Date(wallClockMs).toISOString();
  return `${text.slice(8, 10)}-${text.slice(5, 7)}-${text.slice(0, 4)} ${text.slice(11, 19)}`;
}
