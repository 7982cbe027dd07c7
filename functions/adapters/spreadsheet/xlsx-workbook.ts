import type { Writable } from "node:stream";
import type { CellStyle, SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { countLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import { type AboutFacts, describeAboutSheet } from "../../core/sheets/about-sheet.ts";
import type { ClosingSheets } from "../../core/sheets/closing-sheets.ts";
import { boldFont, createCellStyles, headingFont, lineHeightPoints, makeCellValue } from "./cell-styles.ts";
import { writeListSheet } from "./list-sheet-writer.ts";
import {
  addSheetRow,
  closeSheet,
  flushSheet,
  isFlushDue,
  openOffersSheet,
  type SheetLayout,
} from "./offers-sheet-writer.ts";
import { drainSink, fillSink, type RowBatches } from "./output-stream.ts";
import { ReportWorkbook } from "./package-parts.ts";
import { makeFooter, portraitSetup } from "./print-setup.ts";
import { createRowSerializer } from "./row-xml.ts";
import { writeTableSheet } from "./table-sheet-writer.ts";

/**
 * `closing` returns the sheets that follow the rows; it is called once, after the last row. `maxRows` is the largest
 * number of rows on a sheet, and only tests set it.
 */
type Layout = SheetLayout & { closing: () => ClosingSheets; maxRows?: number };

/** Excel allows 1,048,576 rows per sheet, and one of them is the header. */
const maxSheetRows = 1_048_575;

/**
 * Writes the rows and the closing sheets as a workbook, and resolves when the sink has finished. Reads no further rows
 * while the sink is full. Starts a new sheet after every `maxRows` rows.
 */
export async function writeXlsx(batches: RowBatches, sink: Writable, layout: Layout): Promise<void> {
  const { maxRows = maxSheetRows } = layout;
  const styles = createCellStyles(layout.locale);

  await fillSink(sink, async (failed) => {
    const book = openWorkbook(sink);
    const findStyleId = (style: CellStyle) => book.styles.addStyleModel(style);
    const serialise = createRowSerializer({ ...layout, styles, findStyleId });
    let sheet = openOffersSheet(book, layout, 1);
    for await (const rows of batches) {
      for (const row of rows) {
        failed.throwIfAborted();
        if (sheet.rows === maxRows) {
          await closeSheet(book, sheet, layout);
          sheet = openOffersSheet(book, layout, sheet.number + 1);
        }
        addSheetRow(sheet, row, serialise);
        if (!isFlushDue(sheet)) continue;
        await flushSheet(sheet, failed);
        await drainSink(sink, failed);
      }
    }
    await closeSheet(book, sheet, layout);
    writeClosing(book, layout);
    await book.commit();
  });
}

function writeClosing(book: ReportWorkbook, layout: Layout): void {
  const { summary, followUp, changes, customers, about } = layout.closing();
  const first = writeTableSheet(book, summary, { ...layout, isFirst: true });
  writeTableSheet(book, followUp, { ...layout, isFirst: false });
  if (changes !== null) writeTableSheet(book, changes, { ...layout, isFirst: false });
  writeListSheet(book, customers, layout);
  writeAboutSheet(book, about, layout);
  placeFirst(book, first);
}

/**
 * Moves the sheet to the first place of the workbook, although it is written after the rows. exceljs keeps index 0 of
 * its list of sheets empty, so the first place has index 1.
 */
function placeFirst({ _worksheets: sheets }: ReportWorkbook, sheet: SheetWriter): void {
  sheets.splice(sheets.indexOf(sheet), 1);
  sheets.splice(1, 0, sheet);
}

/**
 * How the workbook is compressed. Level 3 was chosen by measurements: see docs/design.md. The buffers let the zip
 * compress data while further rows are written.
 */
export const deflateOptions = {
  level: 3,
  highWaterMark: 65_536,
  chunkSize: 65_536,
};

/** Sets smaller buffers than archiver's default, which takes 1 MB for each buffer. */
const zip = { highWaterMark: 65_536, zlib: deflateOptions };
const author = "offer-export";

/** Opens a workbook that is streamed to the sink. The sink is destroyed with the zip's error if the zip fails. */
function openWorkbook(sink: Writable): ReportWorkbook {
  const options = { creator: author, lastModifiedBy: author, useStyles: true, useSharedStrings: false, zip };
  const book = new ReportWorkbook({ ...options, stream: sink });
  book.zip.on("error", (error: Error) => sink.destroy(error));
  return book;
}

/**
 * The widths of the sheet's two columns, for labels and for texts. Both together fill an A4 page in portrait format.
 */
const labelWidthChars = 26;
const textWidthChars = 68;

const alignment = { wrapText: true, vertical: "top", horizontal: "left" } as const;
const labelStyle = { font: boldFont, alignment };
/** The style of a heading. The text is not wrapped, so that it extends over the empty cell to its right. */
const headingStyle = { font: headingFont };

function writeAboutSheet(
  book: ReportWorkbook,
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

/** The greatest row height that Excel allows. */
const maxHeightPoints = 409;
/** The number of letters that fit into the width of a digit. Excel measures a column's width in digits. */
const lettersPerDigit = 1.15;

/** Returns the height of a row with a wrapped text. Some spreadsheet programs do not adjust the height themselves. */
function findHeight(text: string): number {
  const lines = countLines(text, textWidthChars * lettersPerDigit);
  return Math.min(lines * lineHeightPoints, maxHeightPoints);
}
