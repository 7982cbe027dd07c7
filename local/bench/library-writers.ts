import type { Calendar } from "../../functions/core/basics/calendar.ts";
import { dayMs } from "../../functions/core/basics/calendar.ts";
import { type Cell, readCell } from "../../functions/core/report/columns--cell.ts";
import type { Column } from "../../functions/core/report/columns.ts";
import { describeRemarks, type Locale } from "../../functions/core/language/locale.ts";
import type { Row } from "../../functions/core/report/report-row.ts";

export type Layout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** A row as any spreadsheet library takes it. */
export function readValues(row: Row, layout: Layout): (string | number | Date | null)[] {
  return layout.columns.map((column) => readValue(readCell(row, column), layout));
}

function readValue(cell: Cell, { locale, calendar }: Layout): string | number | Date | null {
  switch (cell.type) {
    case "empty":
      return null;
    case "text":
    case "raw":
      return cell.text;
    case "day":
      return new Date(cell.day * dayMs);
    case "moment":
      return new Date(cell.moment + calendar.offsetMs(cell.moment));
    case "status":
      return locale.statuses[cell.status];
    case "integer":
      return cell.integer;
    case "boolean":
      return cell.isTrue ? locale.yes : locale.no;
    case "amount":
      return Number(cell.amount);
    case "remarks":
      return describeRemarks(cell.remarks, locale) ?? "";
  }
}

/** The number format of a column's cells, as our own workbook has it. */
export function findFormat({ type }: Column, { dayPattern, momentPattern }: Locale): string | undefined {
  if (type === "day") return dayPattern;
  if (type === "moment") return momentPattern;
  return type === "amount" ? "[$€-2] #,##0.00;[$€-2] -#,##0.00" : undefined;
}
