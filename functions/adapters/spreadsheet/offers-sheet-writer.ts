import { once } from "node:events";
import type { CellStyle, SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import StringBuf from "exceljs/lib/utils/string-buf.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { countLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import { type Column, findColumnWidth } from "../../core/report/columns.ts";
import type { Row } from "../../core/report/report-row.ts";
import { boldFont, indented, lineHeightPoints } from "./cell-styles.ts";
import { addTable, type ReportWorkbook } from "./package-parts.ts";
import { makeFooter, setUpWidePrint } from "./print-setup.ts";
import { columnLetters, type SerializeRow } from "./row-xml.ts";

export type SheetLayout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** A sheet of offers while it is written. `pending` is the XML of the rows that are not yet passed to the writer. */
export type OffersSheet = { writer: SheetWriter; number: number; rows: number; pending: StringBuf };

export function openOffersSheet(
  book: ReportWorkbook,
  { columns, locale }: SheetLayout,
  number: number,
): OffersSheet {
  const name = number === 1 ? locale.sheetName : `${locale.sheetName} ${number}`;
  const widthsChars = columns.map((column) => findWidth(column, locale));
  const titleColumns = countFrozen(columns, locale);
  const writer = book.addWorksheet(name, {
    views: [{ state: "frozen", ySplit: 1, xSplit: titleColumns }],
    pageSetup: setUpWidePrint(widthsChars, { headerRow: 1, titleColumns }),
  });
  writer.columns = widthsChars.map((width) => ({ width }));
  writer.headerFooter = makeFooter(locale);
  writeHeadings(writer, columns, locale);
  return { writer, number, rows: 0, pending: new StringBuf({ size: 2 * chunkBytes }) };
}

/**
 * Writes the heading of each column above its values: on the right for numbers and dates, otherwise on the left, with
 * the indent of the values.
 */
function writeHeadings(writer: SheetWriter, columns: Column[], locale: Locale): void {
  const row = writer.getRow(1);
  for (const [index, column] of columns.entries()) {
    const alignment = { ...findAlignment(column), vertical: "top", wrapText: true } as const;
    const heading = { value: locale.headings[column.name], style: { font: boldFont, alignment } };
    Object.assign(row.getCell(index + 1), heading);
  }
  row.height = countHeadingLines(columns, locale) * lineHeightPoints;
  row.commit();
}

function findAlignment(column: Column): CellStyle["alignment"] {
  if (isNumeric(column)) return { horizontal: "right" };
  return isIndented(column) ? indented.alignment : { horizontal: "left" };
}

/** True for a column whose values are words of the report's language. */
function isIndented({ type }: Column): boolean {
  return ["boolean", "remarks", "status"].includes(type);
}

/** True for a column whose values a spreadsheet aligns right. */
function isNumeric({ type }: Column): boolean {
  return ["amount", "day", "integer", "moment"].includes(type);
}

/** The first columns say which offer a row is about, so they stay in view while the reader scrolls to the right. */
const maxFrozenColumns = 2;
/** The greatest width of the frozen columns together, so that a small screen has room for others. */
const maxFrozenChars = 60;

/** Returns the number of columns that are frozen. At least one column is left to scroll. */
function countFrozen(columns: Column[], locale: Locale): number {
  let chars = 0;
  const isWide = (column: Column) => (chars += findWidth(column, locale)) > maxFrozenChars;
  const candidates = columns.slice(0, Math.min(maxFrozenColumns, columns.length - 1));
  const firstWide = candidates.findIndex(isWide);
  return firstWide === -1 ? candidates.length : firstWide;
}

export function addSheetRow(sheet: OffersSheet, row: Row, serialise: SerializeRow): void {
  sheet.rows += 1;
  sheet.pending.addText(serialise(row, sheet.rows + 1));
}

/**
 * The number of bytes of XML per write. Writing single rows would be a third slower. Larger writes would not be faster,
 * but would use more memory.
 */
const chunkBytes = 65_536;

export function isFlushDue({ pending }: OffersSheet): boolean {
  return pending.length >= chunkBytes;
}

/** Waits until the zip accepts more data, and then passes the pending rows to the writer. */
export async function flushSheet(sheet: OffersSheet, failed: AbortSignal): Promise<void> {
  for (const pipe of sheet.writer.stream.pipes) {
    const { _writableState: state } = pipe;
    if (state.needDrain) await once(pipe, "drain", { signal: failed });
  }
  await writePending(sheet);
}

async function writePending(sheet: OffersSheet): Promise<void> {
  await sheet.writer.stream.write(sheet.pending);
  sheet.pending.reset();
}

/**
 * Makes a table of the rows and ends the sheet. The table has the filter: a sheet with a filter of its own over a table
 * is a damaged file to Excel.
 */
export async function closeSheet(
  book: ReportWorkbook,
  sheet: OffersSheet,
  { columns, locale }: SheetLayout,
): Promise<void> {
  const { writer, rows, number } = sheet;
  await writePending(sheet);
  const lastRow = 1 + Math.max(rows, minTableRows);
  addTable(book, writer, {
    name: number === 1 ? locale.sheetName : `${locale.sheetName}_${number}`,
    range: `A1:${columnLetters(columns.length)}${lastRow}`,
    columns: columns.map(({ name }) => locale.headings[name]),
  });
  writer.commit();
}

/** A table has a header and at least one row, which is empty when there are no offers. */
const minTableRows = 1;

/**
 * The width in characters of the filter button. It stands in the lower right corner of a column's heading: beside the
 * last line of a heading on the left, and below a heading on the right.
 */
const buttonChars = 4;

/**
 * Returns the column's width in characters. The width fits the values and each word of the heading. The whole heading
 * need not fit, because it is wrapped.
 */
function findWidth({ name, type }: Column, { headings }: Locale): number {
  const words = headings[name].split(" ").map(({ length }) => length + buttonChars);
  return Math.max(findColumnWidth({ name, type }), ...words);
}

function countHeadingLines(columns: Column[], locale: Locale): number {
  const lines = columns.map((column) => {
    const [text, widthChars] = [locale.headings[column.name], findWidth(column, locale)];
    return isNumeric(column) ? countLines(text, widthChars) + 1 : countLines(text, widthChars - buttonChars);
  });
  return Math.max(...lines);
}
