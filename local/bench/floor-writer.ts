import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createDeflateRaw } from "node:zlib";
import type { Moment } from "../../functions/core/basics/calendar.ts";
import { describeRemarks } from "../../functions/core/language/locale.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import { deflateOptions } from "../../functions/adapters/spreadsheet/xlsx-workbook--book.ts";
import type { Layout } from "./library-writers.ts";

const chunkUnits = 65_536;

/** The same XML of the rows by string concatenation, deflated at the same level, and no workbook around it. */
export async function writeFloor(rows: AsyncIterable<Row>, sink: Writable, layout: Layout) {
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

/** The style ids are those that the workbook's styles get in the order of their first use. */
const styles = {
  day: 2,
  moment: 4,
  indented: 5,
  amount: 6,
  statuses: { accepted: 3, rejected: 7, expired: 8, open: 9 },
};

/** Only right for the bench's plain rows, whose amounts are all in euros with two decimals. */
export function concatenateRow(row: Row, number: number, { locale, calendar }: Layout): string {
  const yesNo = (isTrue: boolean | null) => (isTrue === null ? null : isTrue ? locale.yes : locale.no);
  const serial = (moment: Moment) =>
    25_569 + Math.floor((moment + calendar.offsetMs(moment)) / 1000) / 86_400;
  let xml = `<row r="${number}" spans="1:${row.remarks.length > 0 ? 20 : row.acceptedViaIp === null ? 17 : 19}" x14ac:dyDescent="0.25">`;
  xml += text("A", number, row.offerNumber);
  xml += text("B", number, row.offerId);
  xml += text("C", number, row.customerId);
  xml += text("D", number, row.customerName);
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
  xml += text("N", number, row.currency);
  if (row.amount !== null) xml += `<c r="O${number}" s="${styles.amount}"><v>${Number(row.amount)}</v></c>`;
  xml += word("P", number, yesNo(row.signed));
  if (row.createdAt !== null)
    xml += `<c r="Q${number}" s="${styles.moment}"><v>${serial(row.createdAt)}</v></c>`;
  xml += text("R", number, row.acceptedViaIp);
  xml += text("S", number, row.acceptedViaUserAgent);
  xml += word("T", number, describeRemarks(row.remarks, locale));
  return `${xml}</row>`;
}

function text(column: string, number: number, value: string | null): string {
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
