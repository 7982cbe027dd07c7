import { once } from "node:events";
import type WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../core/calendar.ts";
import { readCell } from "../core/cell.ts";
import type { Column } from "../core/column.ts";
import type { Locale } from "../core/locale.ts";
import type { Row } from "../core/row.ts";
import { paper } from "./paper.ts";
import { boldFont, type Styles } from "./style.ts";
import { makeValue } from "./value.ts";
import { findWidth } from "./width.ts";

export type SheetLayout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** On its side, with the header row on each page. */
const pageSetup = { ...paper, orientation: "landscape", printTitlesRow: "1:1" } as const;

export type Sheet = { writer: SheetWriter; number: number; rows: number };

export function openSheet(book: WorkbookWriter, { columns, locale }: SheetLayout, number: number): Sheet {
  const name = number === 1 ? locale.sheetName : `${locale.sheetName} ${number}`;
  const view = { state: "frozen", ySplit: 1 } as const;
  const writer = book.addWorksheet(name, { views: [view], pageSetup });
  writer.columns = columns.map((column) => ({
    header: locale.headings[column.name],
    width: findWidth(column, locale),
  }));
  const heading = writer.getRow(1);
  heading.font = boldFont;
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
