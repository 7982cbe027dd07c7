import { describe, expect, it } from "vitest";
import { writeCsv } from "../../../functions/adapters/spreadsheet/csv-writer.ts";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { layout, makeRows } from "../../../local/bench/bench-data.ts";
import { createRowConcatenator, writeCsvFloor } from "../../../local/bench/floor-writer.ts";
import { buildClosingSheets, streamRows } from "../../support/report-fixtures.ts";
import { readXmlParts } from "../../support/workbook-reader.ts";
import { collectBytes } from "../../support/test-streams.ts";

const rows = makeRows(1000);

describe("the writer that the benchmark compares with", () => {
  it("makes the same XML of the rows as our writer", async () => {
    const closing = () => buildClosingSheets();
    const bytes = await collectBytes((sink) => writeXlsx(streamRows(rows), sink, { ...layout, closing }));
    const xml = (await readXmlParts(bytes)).get("xl/worksheets/sheet1.xml");
    const concatenateRow = createRowConcatenator(layout);
    const expected = rows.map((row, index) => concatenateRow(row, index + 2)).join("");
    expect(xml?.slice(xml.indexOf('<row r="2"'), xml.indexOf("</sheetData>"))).toBe(expected);
  });

  it("makes the same lines of CSV as our writer", async () => {
    const own = { ...layout, dialect: "excel" } as const;
    const bytes = await collectBytes((sink) => writeCsv(streamRows(rows), sink, own));
    const expected = await collectBytes((sink) => writeCsvFloor(streamRows(rows), sink, layout));
    expect(bytes.toString()).toBe(expected.toString());
  });
});
