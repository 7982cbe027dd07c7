import type { Day } from "../basics/calendar.ts";
import type { Cell } from "../report/columns--cell.ts";
import type { Status } from "../offer/offer-status.ts";

/** What a cell of a small sheet holds. A month is told by its first day, a share from 0 to 1. */
export type Field =
  | Cell
  | { type: "share"; share: number | null }
  | { type: "offers"; offers: number }
  | { type: "number"; number: number | null }
  | { type: "month"; day: Day };

/** A block of a small sheet. */
export type Table = {
  heading: string;
  columns: string[];
  rows: Field[][];
  totals: Field[][];
  /** What stands below it, for who wonders. */
  notes: string[];
  /** Bars in the columns from the second on where the rows are months, all against each other. */
  bars: readonly Status[];
};

export type Fact = { label: string; field: Field };

/** A small sheet: what it is about, and its tables below each other. */
export type Page = { name: string; title: string; facts: Fact[]; tables: Table[]; widthsChars: number[] };

export function textOf(text: string): Field {
  return { type: "text", text };
}

export function integerOf(integer: number): Field {
  return { type: "integer", integer };
}

export function amountOf(amount: string, currency: string | null): Field {
  return { type: "amount", amount, currency };
}

export function shareOf(share: number | null): Field {
  return { type: "share", share };
}
