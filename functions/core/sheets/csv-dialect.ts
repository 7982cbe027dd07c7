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

/** The format of a CSV file, for a program or for Excel in one language. */
export type CsvDialect = {
  byteOrderMark: "" | "\ufeff";
  delimiter: string;
  formatHeading: (column: Column) => string;
  formatCell: (cell: Cell) => string;
};

type Format = { locale: Locale; calendar: Calendar };

export const csvDialects: Record<"excel" | "machine", (format: Format) => CsvDialect> = {
  machine: (format) => ({
    byteOrderMark: "",
    delimiter: ",",
    formatHeading: ({ name }) => name,
    formatCell: makeMachineFormat(format),
  }),
  excel: (format) => ({
    byteOrderMark: "\ufeff",
    delimiter: format.locale.delimiter,
    formatHeading: ({ name }) => neutraliseText(format.locale.headings[name]),
    formatCell: makeExcelFormat(format),
  }),
};

function makeMachineFormat(format: Format): CsvDialect["formatCell"] {
  const dated = { ...format, formatDate: memoizeDayFormat(formatDay) };
  return (cell) => formatMachine(cell, dated);
}

type DatedFormat = Format & { formatDate: (day: Day) => string };

function formatMachine(cell: Cell, { locale, calendar, formatDate }: DatedFormat): string {
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

function makeExcelFormat(format: Format): CsvDialect["formatCell"] {
  const formatDate = memoizeDayFormat((day) => arrangeDate(formatDay(day), format.locale));
  const dated = { ...format, formatDate };
  return (cell) => formatExcel(cell, dated);
}

function formatExcel(cell: Cell, { locale, calendar, formatDate }: DatedFormat): string {
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

/**
 * Matches a text that a spreadsheet may run as a formula, because of its first character. Source: OWASP, "CSV
 * Injection".
 */
const runnable = /^[=+\-@\t\r\n＝＋－＠]/;

function neutraliseText(text: string): string {
  return runnable.test(text) ? `'${text}` : text;
}

function arrangeMoment(wallClockMs: number, formatDate: (day: Day) => string): string {
  return `${formatDate(Math.floor(wallClockMs / dayMs))} ${formatClock(wallClockMs)}`;
}

/** Converts a date from `YYYY-MM-DD` to the language's pattern. */
export function arrangeDate(date: string, { dayPattern }: Locale): string {
  const [year, month, day] = [date.slice(0, -6), date.slice(-5, -3), date.slice(-2)];
  return dayPattern.replace("yyyy", year).replace("mm", month).replace("dd", day);
}
