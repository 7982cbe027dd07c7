import type { Writable } from "node:stream";
import WorkbookWriter, { type SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Closing } from "../core/closing.ts";
import type { Row } from "../core/row.ts";
import { writeAbout } from "./about.ts";
import { writePage } from "./page.ts";
import { footWith } from "./paper.ts";
import { addRow, closeSheet, drainSheet, openSheet, type Sheet, type SheetLayout } from "./sheet.ts";
import { drain, fillSink } from "./sink.ts";
import { createStyles } from "./style.ts";

/** `closing` is asked once, after the last row. */
type Layout = SheetLayout & { closing: () => Closing; maxRows?: number };

/** Excel's 1,048,576 less the header. */
const mostRows = 1_048_575;

/** Settles once the sink has finished; pulls no rows while the sink is full. */
export async function writeXlsx(rows: AsyncIterable<Row>, sink: Writable, layout: Layout): Promise<void> {
  const { maxRows = mostRows } = layout;
  const look = { ...layout, styles: createStyles(layout.locale) };

  await fillSink(sink, async (failed) => {
    const book = openBook(sink);
    let sheet = openNumbered(book, layout, 1);
    for await (const row of rows) {
      failed.throwIfAborted();
      if (sheet.rows === maxRows) {
        closeSheet(sheet, layout);
        sheet = openNumbered(book, layout, sheet.number + 1);
      }
      addRow(sheet, row, look);
      await drainSheet(sheet, failed);
      await drain(sink, failed);
    }
    closeSheet(sheet, layout);
    writeClosing(book, layout);
    await book.commit();
  });
}

function openNumbered(book: WorkbookWriter, layout: SheetLayout, number: number): Sheet {
  const sheet = openSheet(book, layout, number);
  sheet.writer.headerFooter = footWith(layout.locale);
  return sheet;
}

function writeClosing(book: WorkbookWriter, layout: Layout): void {
  const { summary, followUp, about } = layout.closing();
  const first = writePage(book, summary, { ...layout, isFirst: true });
  writePage(book, followUp, { ...layout, isFirst: false });
  writeAbout(book, about, layout);
  placeFirst(book, first);
}

/** What is known last is written last, and stands first all the same. exceljs wants the hole at 0 to stay one. */
function placeFirst({ _worksheets: sheets }: WorkbookWriter, sheet: SheetWriter): void {
  sheets.splice(sheets.indexOf(sheet), 1);
  sheets.splice(1, 0, sheet);
}

/** Level 3 makes the file a seventh smaller than 1 at hardly any cost; archiver's own buffers are 1 MB each. */
const zip = { highWaterMark: 65_536, zlib: { level: 3 } };
const author = "offer-export";

function openBook(sink: Writable): WorkbookWriter {
  const options = { creator: author, lastModifiedBy: author, useStyles: true, useSharedStrings: false, zip };
  const book = new WorkbookWriter({ ...options, stream: sink });
  book.zip.on("error", (error: Error) => sink.destroy(error));
  return book;
}
