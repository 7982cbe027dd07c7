import type { Day } from "../basics/calendar.ts";
import type { Cell } from "../report/columns.ts";
import type { Status } from "../offer/offer-status.ts";

/** What a cell of a small sheet holds. A month is told by its first day, a share from 0 to 1. */
export type SheetCell =
  | Cell
  | { type: "share"; share: number | null }
  | { type: "offers"; offers: number }
  | { type: "number"; number: number | null }
  | { type: "month"; day: Day };

/** A block of a small sheet. */
export type SheetTable = {
  heading: string;
  columns: string[];
  rows: SheetCell[][];
  totals: SheetCell[][];
  /** What stands below it, for who wonders. */
  notes: string[];
  /** Bars in the columns from the second on where the rows are months, all against each other. */
  bars: readonly Status[];
};

export type SheetFact = { label: string; field: SheetCell };

/** A small sheet: what it is about, and its tables below each other. */
export type SheetPage = {
  name: string;
  title: string;
  facts: SheetFact[];
  tables: SheetTable[];
  widthsChars: number[];
};

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
