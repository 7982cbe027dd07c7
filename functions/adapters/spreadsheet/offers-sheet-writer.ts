import { once } from "node:events";
import type WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import StringBuf from "exceljs/lib/utils/string-buf.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { countLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import type { Column, ColumnName, ColumnType } from "../../core/report/columns.ts";
import type { Row } from "../../core/report/report-row.ts";
import { boldFont, makeFooter, paperSetup } from "./cell-styles.ts";
import type { SerializeRow } from "./row-xml.ts";

export type SheetLayout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** On its side, with the header row on each page. It is wide: what margins leave free makes it larger. */
const pageSetup = {
  ...paperSetup,
  orientation: "landscape",
  printTitlesRow: "1:1",
  margins: { left: 0.25, right: 0.25, top: 0.4, bottom: 0.6, header: 0.3, footer: 0.3 },
} as const;

const headingAlignment = { wrapText: true, vertical: "top", horizontal: "left" } as const;
const lineHeightPoints = 15;

/** `waiting` is the XML of the last of its rows, which the writer has not been given yet. */
export type OffersSheet = { writer: SheetWriter; number: number; rows: number; waiting: StringBuf };

export function openOffersSheet(
  book: WorkbookWriter,
  { columns, locale }: SheetLayout,
  number: number,
): OffersSheet {
  const name = number === 1 ? locale.sheetName : `${locale.sheetName} ${number}`;
  const view = { state: "frozen", ySplit: 1 } as const;
  const writer = book.addWorksheet(name, { views: [view], pageSetup });
  writer.columns = columns.map((column) => ({
    header: locale.headings[column.name],
    width: findWidth(column, locale),
  }));
  writer.headerFooter = makeFooter(locale);
  const heading = writer.getRow(1);
  heading.font = boldFont;
  heading.alignment = headingAlignment;
  heading.height = countHeadingLines(columns, locale) * lineHeightPoints;
  heading.commit();
  return { writer, number, rows: 0, waiting: new StringBuf({ size: 2 * chunkBytes }) };
}

export function addSheetRow(sheet: OffersSheet, row: Row, serialise: SerializeRow): void {
  sheet.rows += 1;
  sheet.waiting.addText(serialise(row, sheet.rows + 1));
}

/** Units of XML a write: one row at a time costs a third of the speed, more than this only memory. */
const chunkBytes = 65_536;

export function isFlushDue({ waiting }: OffersSheet): boolean {
  return waiting.length >= chunkBytes;
}

/** Hands over what waits as soon as the zip has taken what it was given before. */
export async function flushSheet(sheet: OffersSheet, failed: AbortSignal): Promise<void> {
  for (const pipe of sheet.writer.stream.pipes) {
    const { _writableState: state } = pipe;
    if (state.needDrain) await once(pipe, "drain", { signal: failed });
  }
  await giveWaiting(sheet);
}

async function giveWaiting(sheet: OffersSheet): Promise<void> {
  await sheet.writer.stream.write(sheet.waiting);
  sheet.waiting.reset();
}

export async function closeSheet(sheet: OffersSheet, { columns }: SheetLayout): Promise<void> {
  const { writer, rows } = sheet;
  await giveWaiting(sheet);
  writer.autoFilter = { from: { row: 1, column: 1 }, to: { row: rows + 1, column: columns.length } };
  writer.commit();
}

/** None is 9, which exceljs takes for no width at all. */
const widthsChars: Record<ColumnType, number> = {
  text: 20,
  day: 12,
  moment: 20,
  status: 14,
  integer: 10,
  boolean: 10,
  amount: 20,
  remarks: 60,
};

const ownWidthsChars: Partial<Record<ColumnName, number>> = {
  offerNumber: 17,
  offerId: 22,
  customerId: 22,
  customerName: 36,
  daysToDecision: 13,
  daysUntilExpiry: 14,
  currency: 10,
  acceptedViaUserAgent: 40,
};

/** Room for the filter's button beside the heading's last line. */
const buttonChars = 4;

/** In characters of the workbook's font. Headings are wrapped: the longest is many times as wide as its numbers. */
export function findWidth({ name, type }: Column, { headings }: Locale): number {
  const words = headings[name].split(" ").map(({ length }) => length + buttonChars);
  return Math.max(ownWidthsChars[name] ?? widthsChars[type], ...words);
}

/** Of the longest heading, in lines. */
export function countHeadingLines(columns: Column[], locale: Locale): number {
  const lines = columns.map((column) => {
    return countLines(locale.headings[column.name], findWidth(column, locale) - buttonChars);
  });
  return Math.max(...lines);
}
