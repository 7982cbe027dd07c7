import type { Day } from "../basics/calendar.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Cell } from "../report/columns.ts";
import { fitsSpreadsheetNumber } from "../report/spreadsheet-limits.ts";

/**
 * A cell of a sheet that consists of tables, such as the summary. A share is a number from 0 to 1. A month is given
 * by its first day. An aside is a short explanation of the number to its left; the cells to its right are empty.
 */
export type SheetCell =
  | Cell
  | { type: "aside"; text: string }
  | { type: "share"; share: number | null }
  | { type: "offers"; offers: number }
  | { type: "number"; number: number | null }
  | { type: "month"; day: Day };

export type SheetTable = {
  heading: string;
  columns: string[];
  rows: SheetCell[][];
  totals: SheetCell[][];
  /** Explanations below the table. */
  notes: string[];
  /**
   * The statuses of the columns with data bars, starting with the second column; empty for a table without data bars.
   * Only rows of months have data bars. All bars of a table have the same scale.
   */
  bars: readonly Status[];
};

/** Makes a table with only a note, which says why the table has no rows. */
export function emptyTable(heading: string, note: string): SheetTable {
  return { heading, columns: [], rows: [], totals: [], notes: [note], bars: [] };
}

/**
 * A chart of a table of months, which stands on the same sheet: a stacked column for each month. The description is for
 * readers who do not see the chart.
 */
export type SheetChart = { title: string; description: string; table: SheetTable };

export type SheetFact = { label: string; field: SheetCell };

/** A sheet that consists of tables, such as the summary: a title, a list of facts, and tables one below the other. */
export type SheetPage = {
  name: string;
  title: string;
  facts: SheetFact[];
  tables: SheetTable[];
  /** They stand side by side below the first table, at most two. */
  charts?: SheetChart[];
  widthsChars: number[];
};

/** A sheet with one wide table of many rows, such as the customers sheet. Its texts are those of `SheetPage`. */
export type SheetList = Pick<SheetPage, "name" | "title" | "facts" | "widthsChars"> &
  Pick<SheetTable, "columns" | "rows" | "totals" | "notes">;

export function textCell(text: string): SheetCell {
  return { type: "text", text };
}

export function integerCell(integer: number): SheetCell {
  return { type: "integer", integer };
}

export function amountCell(amount: string, currency: string | null): SheetCell {
  return { type: "amount", amount, currency };
}

export function shareCell(share: number | null): SheetCell {
  return { type: "share", share };
}

/** Returns the number that a spreadsheet has in the cell; null when the cell is empty or shows a text. */
export function readCellNumber(cell: SheetCell): number | null {
  if (cell.type === "integer") return cell.integer;
  return cell.type === "amount" && fitsSpreadsheetNumber(cell.amount) ? Number(cell.amount) : null;
}
