import { type Calendar, formatDay, formatMoment } from "./calendar.ts";
import type { Cell } from "./cell.ts";
import type { Column } from "./column.ts";
import { describeRemarks, type Locale } from "./locale.ts";

/** How one reader of CSV wants it: a program, or the Excel of a language. */
export type Dialect = {
  byteOrderMark: "" | "\ufeff";
  delimiter: string;
  formatHeading: (column: Column) => string;
  formatCell: (cell: Cell) => string;
};

type Words = { locale: Locale; calendar: Calendar };

export const dialects: Record<"excel" | "machine", (words: Words) => Dialect> = {
  machine: (words) => ({
    byteOrderMark: "",
    delimiter: ",",
    formatHeading: ({ name }) => name,
    formatCell: (cell) => formatMachine(cell, words),
  }),
  excel: (words) => ({
    byteOrderMark: "\ufeff",
    delimiter: words.locale.delimiter,
    formatHeading: ({ name }) => neutraliseText(words.locale.headings[name]),
    formatCell: (cell) => formatExcel(cell, words),
  }),
};

function formatMachine(cell: Cell, { locale, calendar }: Words): string {
  switch (cell.type) {
    case "empty":
    case "raw":
      return "";
    case "text":
      return cell.text;
    case "day":
      return formatDay(cell.day);
    case "moment":
      return formatMoment(cell.moment, calendar);
    case "status":
      return cell.status;
    case "integer":
      return String(cell.integer);
    case "boolean":
      return String(cell.isTrue);
    case "amount":
      return cell.amount;
    case "remarks":
      return describeRemarks(cell.remarks, locale) ?? "";
  }
}

function formatExcel(cell: Cell, { locale, calendar }: Words): string {
  switch (cell.type) {
    case "empty":
      return "";
    case "text":
    case "raw":
      return neutraliseText(cell.text);
    case "day":
      return arrangeDate(formatDay(cell.day), locale);
    case "moment":
      return arrangeMoment(cell.moment + calendar.offsetMs(cell.moment), locale);
    case "status":
      return locale.statuses[cell.status];
    case "integer":
      return String(cell.integer);
    case "boolean":
      return cell.isTrue ? locale.yes : locale.no;
    case "amount":
      return cell.amount.replace(".", locale.decimalMark);
    case "remarks":
      return neutraliseText(describeRemarks(cell.remarks, locale) ?? "");
  }
}

/** OWASP, "CSV Injection": these at the start of a text make a spreadsheet run it. */
const runnable = /^[=+\-@\t\r\n＝＋－＠]/;

function neutraliseText(text: string): string {
  return runnable.test(text) ? `'${text}` : text;
}

function arrangeMoment(wallClockMs: number, locale: Locale): string {
  const [date = "", clock = ""] = new Date(wallClockMs).toISOString().split("T");
  return `${arrangeDate(date, locale)} ${clock.slice(0, 8)}`;
}

/** A date written `YYYY-MM-DD` in the language's pattern. */
export function arrangeDate(date: string, { dayPattern }: Locale): string {
  const [year, month, day] = [date.slice(0, -6), date.slice(-5, -3), date.slice(-2)];
  return dayPattern.replace("yyyy", year).replace("mm", month).replace("dd", day);
}
