import { once } from "node:events";
import type WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../core/calendar.ts";
import type { Column } from "../core/column.ts";
import type { Locale } from "../core/locale.ts";
import type { Row } from "../core/row.ts";
import { paper } from "./paper.ts";
import type { Serialise } from "./serialise.ts";
import { boldFont } from "./style.ts";
import { findWidth } from "./width.ts";

export type SheetLayout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** On its side, with the header row on each page. */
const pageSetup = { ...paper, orientation: "landscape", printTitlesRow: "1:1" } as const;

/** `waiting` is the XML of the last of its rows, which the writer has not been given yet. */
export type Sheet = { writer: SheetWriter; number: number; rows: number; waiting: string };

export function openSheet(book: WorkbookWriter, { columns, locale }: SheetLayout, number: number): Sheet {
  const name = number === 1 ? locale.sheetName : `${locale.sheetName} ${number}`;
  const view = { state: "frozen", ySplit: 1, tabSelected: number === 1 } as const;
  const writer = book.addWorksheet(name, { views: [view], pageSetup });
  writer.columns = columns.map((column) => ({
    header: locale.headings[column.name],
    width: findWidth(column, locale),
  }));
  const heading = writer.getRow(1);
  heading.font = boldFont;
  heading.commit();
  return { writer, number, rows: 0, waiting: "" };
}

export function addRow(sheet: Sheet, row: Row, serialise: Serialise): void {
  sheet.rows += 1;
  sheet.waiting += serialise(row, sheet.rows + 1);
}

/** Units of XML a write: one row at a time costs a third of the speed, more than this only memory. */
const chunkUnits = 32_768;

export function isDue({ waiting }: Sheet): boolean {
  return waiting.length >= chunkUnits;
}

/** Hands over what waits, and waits until the zip takes more of the sheet. */
export async function flushSheet(sheet: Sheet, failed: AbortSignal): Promise<void> {
  await giveWaiting(sheet);
  for (const pipe of sheet.writer.stream.pipes) {
    const { _writableState: state } = pipe;
    if (state.needDrain) await once(pipe, "drain", { signal: failed });
  }
}

async function giveWaiting(sheet: Sheet): Promise<void> {
  await sheet.writer.stream.write(sheet.waiting);
  sheet.waiting = "";
}

export async function closeSheet(sheet: Sheet, { columns }: SheetLayout): Promise<void> {
  const { writer, rows } = sheet;
  await giveWaiting(sheet);
  writer.autoFilter = { from: { row: 1, column: 1 }, to: { row: rows + 1, column: columns.length } };
  writer.commit();
}
