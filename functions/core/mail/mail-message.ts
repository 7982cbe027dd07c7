import type { Format } from "../language/locales.ts";
import type { Locale } from "../language/locale.ts";
import type { Status } from "../offer/offer-status.ts";

/** What a mail says, whatever shows it. Every text is one line in which a stranger's words do no harm. */
export type Message = {
  title: string;
  /** What a list of mails shows behind the subject. */
  preview: string;
  lead: string;
  warning: { text: string; items: string[] } | null;
  link: { label: string; url: string; notes: string[] };
  facts: Grid;
  sections: Section[];
  footer: string[];
};

/** What has none of a part has it empty. */
export type Section = { heading: string; texts: string[]; grid: Grid; items: string[]; notes: string[] };

/** Without columns its rows are a label and a text. */
export type Grid = { columns: Column[]; rows: GridRow[] };
export type Column = { heading: string; isNumber: boolean };

export type GridRow = {
  /** A cell is one line or more, the first cell the row's heading. */
  cells: string[][];
  /** The same where there are no columns. */
  line: string;
  status?: Status;
  isTotal?: boolean;
};

/** In what language, and how it writes. */
export type Speech = { locale: Locale; format: Format };

export const noGrid: Grid = { columns: [], rows: [] };

export function labelRow(label: string, text: string): GridRow {
  return { cells: [[label], [text]], line: `${label}: ${text}` };
}
