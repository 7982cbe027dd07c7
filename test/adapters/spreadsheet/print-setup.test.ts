import { describe, expect, it } from "vitest";
import { setUpWidePrint } from "../../../functions/adapters/spreadsheet/print-setup.ts";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import type { ColumnName } from "../../../functions/core/options/column-order.ts";
import { listColumns } from "../../../functions/core/report/columns.ts";
import { buildClosingSheets, buildRow, streamRows } from "../../support/report-fixtures.ts";
import { collectBytes } from "../../support/test-streams.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";

const onePageWide = { orientation: "landscape", fitToPage: true, fitToWidth: 1, fitToHeight: 0 };

/** Reads how the sheet of offers is printed in a workbook with these columns. */
async function readPrint(columns: ColumnName[] | null) {
  const layout = {
    columns: listColumns({ dialect: null, evidence: false, columns }),
    calendar: createCalendar("Europe/Amsterdam"),
    locale: locales.nl,
    closing: () => buildClosingSheets(),
  };
  const bytes = await collectBytes((sink) => writeXlsx(streamRows([buildRow()]), sink, layout));
  return (await readWorkbook(bytes)).getWorksheet("Offertes")?.pageSetup;
}

describe("the print of the offers", () => {
  it("has readable text with all columns: they continue on pages that repeat header, number and customer", async () => {
    const print = await readPrint(null);
    expect(print).toMatchObject({ orientation: "landscape", fitToPage: false, scale: 70 });
    expect(print).toMatchObject({
      pageOrder: "overThenDown",
      printTitlesRow: "1:1",
      printTitlesColumn: "A:B",
    });
  });

  it("is one page wide with few columns", async () => {
    const print = await readPrint(["offerNumber", "customerName", "issuedAt", "amount", "status", "remarks"]);
    expect(print).toMatchObject({ ...onePageWide, scale: 100, printTitlesRow: "1:1" });
    expect(print?.printTitlesColumn).toBeUndefined();
  });

  it("repeats the columns that are frozen, if any", async () => {
    const wide: ColumnName[] = ["createdAt", "customerId", "offerId", "decidedAt", "currency", "amount"];
    expect(await readPrint(["remarks", "customerName", ...wide, "status", "signed"])).toMatchObject({
      printTitlesColumn: "A:A",
    });
  });
});

describe("setUpWidePrint", () => {
  it.each([
    [214, true],
    [215, false],
  ])("prints one page wide as long as text is not too small (%i characters)", (chars, isOnePage) => {
    const print = setUpWidePrint([14, chars - 14], { headerRow: 6, titleColumns: 0 });
    expect(print).toMatchObject({ fitToPage: isOnePage, printTitlesRow: "6:6" });
    expect(print).not.toHaveProperty("printTitlesColumn");
  });
});
