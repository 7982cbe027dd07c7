import { once } from "node:events";
import type WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../core/calendar.ts";
import { readCell } from "../core/cell.ts";
import type { Column } from "../core/column.ts";
import type { Locale } from "../core/locale.ts";
import type { Row } from "../core/row.ts";
import type { Styles } from "./style.ts";
import { makeValue } from "./value.ts";
import { findWidth } from "./width.ts";

export type SheetLayout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** The workbook's own font, bold: one without a name would look different. */
const headingFont = {
  bold: true,
  size: 11,
  color: { theme: 1 },
  name: "Calibri",
  family: 2,
  scheme: "minor",
} as const;

/** A4 (OOXML's paper 9) on its side, as many pages high as it takes, each with the header row. */
const pageSetup = {
  paperSize: 9,
  orientation: "landscape",
  fitToPage: true,
  fitToWidth: 1,
  fitToHeight: 0,
  printTitlesRow: "1:1",
} as const;

export type Sheet = { writer: SheetWriter; number: number; rows: number };

export function openSheet(book: WorkbookWriter, { columns, locale }: SheetLayout, number: number): Sheet {
  const name = number === 1 ? locale.sheetName : `${locale.sheetName} ${number}`;
  const writer = book.addWorksheet(name, { views: [{ state: "frozen", ySplit: 1 }], pageSetup });
  writer.columns = columns.map((column) => ({
    header: locale.headings[column.name],
    width: findWidth(column, locale),
  }));
  const heading = writer.getRow(1);
  heading.font = headingFont;
  heading.commit();
  return { writer, number, rows: 0 };
}

export function addRow(sheet: Sheet, row: Row, look: SheetLayout & { styles: Styles }): void {
  const target = sheet.writer.addRow([]);
  target.style = look.styles.plain;
  for (const [index, column] of look.columns.entries()) {
    const value = makeValue(readCell(row, column), look);
    if (value !== null) Object.assign(target.getCell(index + 1), value);
  }
  target.commit();
  sheet.rows += 1;
}

/** Waits until the zip takes more of the sheet. */
export async function drainSheet({ writer }: Sheet, failed: AbortSignal): Promise<void> {
  for (const pipe of writer.stream.pipes) {
    const { _writableState: state } = pipe;
    if (state.needDrain) await once(pipe, "drain", { signal: failed });
  }
}

export function closeSheet({ writer, rows }: Sheet, { columns }: SheetLayout): void {
  writer.autoFilter = { from: { row: 1, column: 1 }, to: { row: rows + 1, column: columns.length } };
  writer.commit();
}
