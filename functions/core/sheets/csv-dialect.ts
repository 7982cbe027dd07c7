import {
  type Calendar,
  type Day,
  dayMs,
  formatClock,
  formatDay,
  formatMoment,
  memoizeDayFormat,
} from "../basics/calendar.ts";
import { describeRemarks, type Locale, nameFields } from "../language/locale.ts";
import type { Cell, Column } from "../report/columns.ts";

/** How one reader of CSV wants it: a program, or the Excel of a language. */
export type CsvDialect = {
  byteOrderMark: "" | "\ufeff";
  delimiter: string;
  formatHeading: (column: Column) => string;
  formatCell: (cell: Cell) => string;
};

type Words = { locale: Locale; calendar: Calendar };

export const csvDialects: Record<"excel" | "machine", (words: Words) => CsvDialect> = {
  machine: (words) => ({
    byteOrderMark: "",
    delimiter: ",",
    formatHeading: ({ name }) => name,
    formatCell: makeMachineFormat(words),
  }),
  excel: (words) => ({
    byteOrderMark: "\ufeff",
    delimiter: words.locale.delimiter,
    formatHeading: ({ name }) => neutraliseText(words.locale.headings[name]),
    formatCell: makeExcelFormat(words),
  }),
};

function makeMachineFormat(words: Words): CsvDialect["formatCell"] {
  const dated = { ...words, formatDate: memoizeDayFormat(formatDay) };
  return (cell) => formatMachine(cell, dated);
}

type DatedWords = Words & { formatDate: (day: Day) => string };

function formatMachine(cell: Cell, { locale, calendar, formatDate }: DatedWords): string {
  switch (cell.type) {
    case "empty":
    case "raw":
      return "";
    case "text":
      return cell.text;
    case "day":
      return formatDate(cell.day);
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

function makeExcelFormat(words: Words): CsvDialect["formatCell"] {
  const formatDate = memoizeDayFormat((day) => arrangeDate(formatDay(day), words.locale));
  const dated = { ...words, formatDate };
  return (cell) => formatExcel(cell, dated);
}

function formatExcel(cell: Cell, { locale, calendar, formatDate }: DatedWords): string {
  switch (cell.type) {
    case "empty":
      return "";
    case "text":
    case "raw":
      return neutraliseText(cell.text);
    case "day":
      return formatDate(cell.day);
    case "moment":
      return arrangeMoment(cell.moment + calendar.offsetMs(cell.moment), formatDate);
    case "status":
      return locale.statuses[cell.status];
    case "integer":
      return String(cell.integer);
    case "boolean":
      return cell.isTrue ? locale.yes : locale.no;
    case "amount":
      return cell.amount.replace(".", locale.decimalMark);
    case "remarks":
      return neutraliseText(describeRemarks(nameFields(cell.remarks, locale), locale) ?? "");
  }
}

/** OWASP, "CSV Injection": these at the start of a text make a spreadsheet run it. */
const runnable = /^[=+\-@\t\r\n＝＋－＠]/;

function neutraliseText(text: string): string {
  return runnable.test(text) ? `'${text}` : text;
}

function arrangeMoment(wallClockMs: number, formatDate: (day: Day) => string): string {
  return `${formatDate(Math.floor(wallClockMs / dayMs))} ${formatClock(wallClockMs)}`;
}

/** A date written `YYYY-MM-DD` in the language's pattern. */
export function arrangeDate(date: string, { dayPattern }: Locale): string {
  const [year, month, day] = [date.slice(0, -6), date.slice(-5, -3), date.slice(-2)];
  return dayPattern.replace("yyyy", year).replace("mm", month).replace("dd", day);
}
