import type { Writable } from "node:stream";
import type WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { CellStyle, SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Closing } from "../../core/sheets/closing-sheets.ts";
import type { Row } from "../../core/report/report-row.ts";
import { writeAbout } from "./about-sheet-writer.ts";
import { openBook } from "./xlsx-workbook--book.ts";
import { writePage } from "./table-sheet-writer.ts";
import { createSerialiser } from "./row-xml.ts";
import { addRow, closeSheet, flushSheet, isDue, openSheet, type SheetLayout } from "./offers-sheet-writer.ts";
import { drain, fillSink } from "./output-stream.ts";
import { createStyles } from "./cell-styles.ts";

/** `closing` is asked once, after the last row. */
type Layout = SheetLayout & { closing: () => Closing; maxRows?: number };

/** Excel's 1,048,576 less the header. */
const mostRows = 1_048_575;

/** Settles once the sink has finished; pulls no rows while the sink is full. */
export async function writeXlsx(rows: AsyncIterable<Row>, sink: Writable, layout: Layout): Promise<void> {
  const { maxRows = mostRows } = layout;
  const styles = createStyles(layout.locale);

  await fillSink(sink, async (failed) => {
    const book = openBook(sink);
    const findStyleId = (style: CellStyle) => book.styles.addStyleModel(style);
    const serialise = createSerialiser({ ...layout, styles, findStyleId });
    let sheet = openSheet(book, layout, 1);
    for await (const row of rows) {
      failed.throwIfAborted();
      if (sheet.rows === maxRows) {
        await closeSheet(sheet, layout);
        sheet = openSheet(book, layout, sheet.number + 1);
      }
      addRow(sheet, row, serialise);
      if (!isDue(sheet)) continue;
      await flushSheet(sheet, failed);
      await drain(sink, failed);
    }
    await closeSheet(sheet, layout);
    writeClosing(book, layout);
    await book.commit();
  });
}

function writeClosing(book: WorkbookWriter, layout: Layout): void {
  const { summary, followUp, changes, about } = layout.closing();
  const first = writePage(book, summary, { ...layout, isFirst: true });
  writePage(book, followUp, { ...layout, isFirst: false });
  if (changes !== null) writePage(book, changes, { ...layout, isFirst: false });
  writeAbout(book, about, layout);
  placeFirst(book, first);
}

/** What is known last is written last, and stands first all the same. exceljs wants the hole at 0 to stay one. */
function placeFirst({ _worksheets: sheets }: WorkbookWriter, sheet: SheetWriter): void {
  sheets.splice(sheets.indexOf(sheet), 1);
  sheets.splice(1, 0, sheet);
}
