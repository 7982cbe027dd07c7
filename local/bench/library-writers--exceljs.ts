import type { Writable } from "node:stream";
import ExcelJS from "exceljs";
import type { Row } from "../../functions/core/report/report-row.ts";
import { deflateOptions } from "../../functions/adapters/spreadsheet/xlsx-workbook--book.ts";
import { findFormat, type Layout, readValues } from "./library-writers.ts";

/** Its streaming row API with styles, as its documentation shows it. */
export async function writeExceljs(rows: AsyncIterable<Row>, stream: Writable, layout: Layout) {
  const { columns, locale } = layout;
  const zip = { zlib: deflateOptions };
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useStyles: true, zip });
  const sheet = book.addWorksheet(locale.sheetName, { views: [{ state: "frozen", ySplit: 1 }] });
  sheet.columns = columns.map((column) => {
    const numFmt = findFormat(column, locale);
    const style = numFmt === undefined ? {} : { numFmt };
    return { header: locale.headings[column.name], key: column.name, width: 20, style };
  });
  for await (const row of rows) sheet.addRow(readValues(row, layout)).commit();
  sheet.commit();
  await book.commit();
}
