import type { Writable } from "node:stream";
import WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { CellStyle, SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Row } from "../../core/report/report-row.ts";
import type { ClosingSheets } from "../../core/sheets/closing-sheets.ts";
import { writeAboutSheet } from "./about-sheet-writer.ts";
import { createCellStyles } from "./cell-styles.ts";
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
