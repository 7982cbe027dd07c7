import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import ExcelJS from "exceljs";
import { writeXlsxStream } from "hucre/xlsx";
import type { RowBatches } from "../../functions/adapters/spreadsheet/output-stream.ts";
import { deflateOptions } from "../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { type Calendar, dayMs } from "../../functions/core/basics/calendar.ts";
import { describeRemarks, type Locale } from "../../functions/core/language/locale.ts";
import { type Cell, type Column, readCell } from "../../functions/core/report/columns.ts";
import type { Row } from "../../functions/core/report/report-row.ts";

export type Layout = { columns: Column[]; locale: Locale; calendar: Calendar };

/** Returns the values of a row in the types that spreadsheet libraries accept. */
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

/** Returns the number format that the project's XLSX writer gives a column; undefined when the column has none. */
function findFormat({ type }: Column, { dayPattern, momentPattern }: Locale): string | undefined {
  if (type === "day") return dayPattern;
  if (type === "moment") return momentPattern;
  return type === "amount" ? "[$€-2] #,##0.00;[$€-2] -#,##0.00" : undefined;
}

/** Writes a workbook with exceljs's streaming row API and with styles, as the documentation of exceljs shows. */
export async function writeExceljs(batches: RowBatches, stream: Writable, layout: Layout) {
  const { columns, locale } = layout;
  const zip = { zlib: deflateOptions };
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useStyles: true, zip });
  const sheet = book.addWorksheet(locale.sheetName, { views: [{ state: "frozen", ySplit: 1 }] });
  sheet.columns = columns.map((column) => {
    const numFmt = findFormat(column, locale);
    const style = numFmt === undefined ? {} : { numFmt };
    return { header: locale.headings[column.name], key: column.name, width: 20, style };
  });
  for await (const rows of batches) for (const row of rows) sheet.addRow(readValues(row, layout)).commit();
  sheet.commit();
  await book.commit();
}

/** Writes a workbook with hucre's constant-memory stream, which does not let the caller choose a compression level. */
export async function writeHucre(batches: RowBatches, sink: Writable, layout: Layout) {
  const { columns, locale } = layout;
  const options = {
    name: locale.sheetName,
    freezePane: { rows: 1 },
    columns: columns.map((column) => {
      const defined = { header: locale.headings[column.name], width: 20 };
      const numFmt = findFormat(column, locale);
      return numFmt === undefined ? defined : Object.assign(defined, { numFmt });
    }),
  };
  async function* list() {
    for await (const rows of batches) for (const row of rows) yield readValues(row, layout);
  }
  await pipeline(Readable.fromWeb(writeXlsxStream(list(), options)), sink);
}
