import type { Writable } from "node:stream";
import WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { CellStyle, SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { countLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import type { Row } from "../../core/report/report-row.ts";
import { type AboutFacts, describeAboutSheet } from "../../core/sheets/about-sheet.ts";
import type { ClosingSheets } from "../../core/sheets/closing-sheets.ts";
import {
  boldFont,
  createCellStyles,
  headingFont,
  lineHeightPoints,
  makeCellValue,
  makeFooter,
  portraitSetup,
} from "./cell-styles.ts";
import {
  addSheetRow,
  closeSheet,
  flushSheet,
  isFlushDue,
  openOffersSheet,
  type SheetLayout,
} from "./offers-sheet-writer.ts";
import { drainSink, fillSink } from "./output-stream.ts";
import { createRowSerializer } from "./row-xml.ts";
import { writeTableSheet } from "./table-sheet-writer.ts";

/** `closing` is called once, after the last row. `maxRows` is the number of rows per sheet, for tests. */
type Layout = SheetLayout & { closing: () => ClosingSheets; maxRows?: number };

/** Excel's limit of 1,048,576 rows, less the header. */
const maxSheetRows = 1_048_575;

/** Resolves when the sink has finished. Reads no rows while the sink is full. Starts a new sheet at `maxRows`. */
export async function writeXlsx(rows: AsyncIterable<Row>, sink: Writable, layout: Layout): Promise<void> {
  const { maxRows = maxSheetRows } = layout;
  const styles = createCellStyles(layout.locale);

  await fillSink(sink, async (failed) => {
    const book = openWorkbook(sink);
    const findStyleId = (style: CellStyle) => book.styles.addStyleModel(style);
    const serialise = createRowSerializer({ ...layout, styles, findStyleId });
    let sheet = openOffersSheet(book, layout, 1);
    for await (const row of rows) {
      failed.throwIfAborted();
      if (sheet.rows === maxRows) {
        await closeSheet(sheet, layout);
        sheet = openOffersSheet(book, layout, sheet.number + 1);
      }
      addSheetRow(sheet, row, serialise);
      if (!isFlushDue(sheet)) continue;
      await flushSheet(sheet, failed);
      await drainSink(sink, failed);
    }
    await closeSheet(sheet, layout);
    writeClosing(book, layout);
    await book.commit();
  });
}

function writeClosing(book: WorkbookWriter, layout: Layout): void {
  const { summary, followUp, changes, about } = layout.closing();
  const first = writeTableSheet(book, summary, { ...layout, isFirst: true });
  writeTableSheet(book, followUp, { ...layout, isFirst: false });
  if (changes !== null) writeTableSheet(book, changes, { ...layout, isFirst: false });
  writeAboutSheet(book, about, layout);
  placeFirst(book, first);
}

/** The summary is written last and shown first. The list starts at 1: exceljs keeps its index 0 empty. */
function placeFirst({ _worksheets: sheets }: WorkbookWriter, sheet: SheetWriter): void {
  sheets.splice(sheets.indexOf(sheet), 1);
  sheets.splice(1, 0, sheet);
}

/** Level 3 is a measured choice: see docs/design.md. The buffers let the zip compress while rows are made. */
export const deflateOptions = {
  level: 3,
  highWaterMark: 65_536,
  chunkSize: 65_536,
};

/** archiver's default buffers take 1 MB each. */
const zip = { highWaterMark: 65_536, zlib: deflateOptions };
const author = "offer-export";

/** Opens a workbook that streams to the sink. If its zip fails, the sink is destroyed with that error. */
function openWorkbook(sink: Writable): WorkbookWriter {
  const options = { creator: author, lastModifiedBy: author, useStyles: true, useSharedStrings: false, zip };
  const book = new WorkbookWriter({ ...options, stream: sink });
  book.zip.on("error", (error: Error) => sink.destroy(error));
  return book;
}

/** Together they fill an A4 page in portrait format, at full size. */
const labelWidthChars = 26;
const textWidthChars = 68;

const alignment = { wrapText: true, vertical: "top", horizontal: "left" } as const;
const labelStyle = { font: boldFont, alignment };
/** Not wrapped: a heading extends over the empty cell beside it. */
const headingStyle = { font: headingFont };

function writeAboutSheet(
  book: WorkbookWriter,
  about: AboutFacts,
  { locale, calendar }: { locale: Locale; calendar: Calendar },
): void {
  const look = { locale, calendar, styles: createCellStyles(locale, { alignment }) };
  const views = [{ showGridLines: false }];
  const sheet = book.addWorksheet(locale.about.sheetName, { views, pageSetup: portraitSetup });
  sheet.headerFooter = makeFooter(locale);
  sheet.columns = [{ width: labelWidthChars }, { width: textWidthChars }];
  for (const { label, cell } of describeAboutSheet(about, locale)) {
    const isHeading = cell.type === "empty";
    if (isHeading) sheet.addRow([]).commit();
    const row = sheet.addRow([]);
    Object.assign(row.getCell(1), { value: label, style: isHeading ? headingStyle : labelStyle });
    Object.assign(row.getCell(2), makeCellValue(cell, look));
    if (cell.type === "text") row.height = findHeight(cell.text);
    row.commit();
  }
  sheet.commit();
}

/** Excel's limit. */
const maxHeightPoints = 409;
/** A column's width is the number of digits that it holds. Letters are narrower than digits. */
const lettersPerDigit = 1.15;

/** Some spreadsheet programs do not adjust a row's height to its wrapped text. */
function findHeight(text: string): number {
  const lines = countLines(text, textWidthChars * lettersPerDigit);
  return Math.min(lines * lineHeightPoints, maxHeightPoints);
}
