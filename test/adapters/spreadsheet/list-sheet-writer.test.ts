import { describe, expect, it } from "vitest";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import type { Language } from "../../../functions/core/basics/languages.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { statuses } from "../../../functions/core/offer/offer-status.ts";
import type { Row } from "../../../functions/core/report/report-row.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import {
  buildClosingSheets,
  buildRow,
  makeRows,
  peopleColumns,
  streamRows,
} from "../../support/report-fixtures.ts";
import { collectBytes } from "../../support/test-streams.ts";
import { readTableRanges, readWorkbook } from "../../support/workbook-reader.ts";

const forty = makeRows(fortyOffers, fortyAsOf);

async function readCustomers(rows: Row[], language: Language = "nl") {
  const closing = () => buildClosingSheets({ rows, language, asOf: fortyAsOf });
  const layout = { columns: peopleColumns, calendar: createCalendar("Europe/Amsterdam"), closing };
  const bytes = await collectBytes((sink) =>
    writeXlsx(streamRows([]), sink, { ...layout, locale: locales[language] }),
  );
  const sheet = (await readWorkbook(bytes)).getWorksheet(locales[language].customers.sheetName);
  if (sheet === undefined) throw new Error("no sheet of customers");
  return sheet;
}

type Sheet = Awaited<ReturnType<typeof readCustomers>>;

/** Reads rows from a row on. An empty cell reads as undefined. */
function readRows(sheet: Sheet, from: number, count: number): unknown[][] {
  return Array.from({ length: count }, (_, index) => {
    const { values } = sheet.getRow(from + index);
    return Array.isArray(values) ? values.slice(1) : [];
  });
}

const headerRow = 6;
const none = undefined;
const day = (text: string) => new Date(`${text}T00:00:00Z`);

describe("the sheet of customers", () => {
  it.each<[Language, labels: string[], open: string[], closed: string[], total: string[], last: string]>([
    [
      "nl",
      ["Offertes per klant", "Peildatum", "Selectie", "Aantal klanten"],
      ["Klant", "Aantal open", "Waarde open", "Aantal geaccepteerd", "Waarde geaccepteerd"],
      ["Aantal afgewezen", "Waarde afgewezen", "Aantal verlopen", "Waarde verlopen"],
      ["Aantal totaal", "Waarde totaal"],
      "Laatste offerte",
    ],
    [
      "en",
      ["Offers by customer", "As of", "Selection", "Customers"],
      ["Customer", "Offers, open", "Value, open", "Offers, accepted", "Value, accepted"],
      ["Offers, rejected", "Value, rejected", "Offers, expired", "Value, expired"],
      ["Offers, total", "Value, total"],
      "Last offer",
    ],
  ])("lists in %s each customer's offers, most open value first", async (language, ...words) => {
    const [labels, open, closed, total, last] = words;
    const { summary } = locales[language];
    const sheet = await readCustomers(forty, language);
    expect(readRows(sheet, 1, 4).map(([label]) => label)).toEqual(labels);
    expect(sheet.getCell("B4").value).toBe(12);
    const conversions = [summary.conversionByCount, summary.conversionByValue];
    expect(readRows(sheet, headerRow, 1)).toEqual([[...open, ...closed, ...total, ...conversions, last]]);
    const rows = readRows(sheet, headerRow + 1, 17);
    expect(rows.slice(0, 3)).toEqual([
      ["I", 1, 5000, 1, 1500, none, none, 1, 100, 3, 6600, "–", "–", day("2026-05-15")],
      ["B", 1, 2500.5, 1, 2000, 1, 600, 1, 900, 4, 6000.5, "–", "–", day("2026-06-23")],
      ["A", 3, 1200.005, 1, 1000, 1, 400, 1, 0, 6, 2600.005, "–", "–", day("2026-06-30")],
    ]);
    expect(rows.slice(12)).toEqual([
      [summary.total, 14, 11_800.855, 12, 10_001, 6, 2999, 8, 6100, 40, 30_900.855, 0.4615, 0.5236],
      [summary.describeCurrency("EUR")],
      [summary.describeUnvalued(2)],
      [summary.conversionFormula],
      [locales[language].customers.conversionMinimum],
    ]);
  });

  it("shows the conversion of a customer with at least five outcomes", async () => {
    const outcomesOf = (customerId: string, count: number) =>
      Array.from({ length: count }, (_, index) =>
        buildRow({
          customerId,
          customerName: customerId,
          amount: "2",
          status: index === 0 ? "accepted" : "expired",
        }),
      );
    const sheet = await readCustomers([...outcomesOf("five", 5), ...outcomesOf("four", 4)]);
    const shown = readRows(sheet, headerRow + 1, 3).map((cells) => cells.toSpliced(1, 10).slice(0, 3));
    expect(shown).toEqual([
      ["five", 0.2, 0.2],
      ["four", "–", "–"],
      ["Totaal", 0.2222, 0.2222],
    ]);
  });

  it("shows a dash for a conversion that does not exist, and offers without a customer as unknown", async () => {
    const rows = [
      buildRow({ amount: "9" }),
      buildRow({ customerId: null, customerName: null, issuedAt: null, status: "expired", amount: null }),
      buildRow({ customerId: "cst_8", customerName: null, amount: "3", status: "accepted" }),
    ];
    const sheet = await readCustomers(rows);
    const shown = readRows(sheet, headerRow + 1, 3).map((cells) => cells.toSpliced(1, 10));
    const date = new Date(20_000 * 86_400_000);
    expect(shown).toEqual([
      ["Bakkerij De Vries", "–", "–", date],
      ["cst_8", "–", "–", date],
      ["onbekend", "–", "–"],
    ]);
  });

  it("counts customers that are not listed in a line of their own, and says how many there are", async () => {
    const rows = Array.from({ length: 5002 }, (_, index) =>
      buildRow({ customerId: `c${index}`, customerName: `Klant ${index}`, amount: `${index}.01` }),
    );
    const sheet = await readCustomers(rows);
    const end = readRows(sheet, headerRow + 5000, 6).map((cells) => cells.slice(0, 3));
    expect(end).toEqual([
      ["Klant 2", 1, 2.01],
      ["2 andere klanten", 2, 1.02],
      ["Totaal", 5002, 12_507_551.02],
      [locales.nl.customers.cut(5000, 5002)],
      [locales.nl.summary.conversionFormula],
      [locales.nl.customers.conversionMinimum],
    ]);
    expect(readTableRanges(sheet)).toEqual([`A${headerRow}:N${headerRow + 5000}`]);
  });

  it("says which customers are listed without open offers to rank them by", () => {
    const rows = Array.from({ length: 5001 }, (_, index) =>
      buildRow({ customerId: `c${index}`, status: "accepted" }),
    );
    const { notes } = buildClosingSheets({ rows, options: { status: ["accepted"] } }).customers;
    expect(notes[0]).toBe(
      "Hier staan de 5000 klanten met de meeste offertes van 5001 klanten; de andere staan samen in één regel.",
    );
  });

  it("keeps header and customers in view, has a table without the totals, and prints one page wide", async () => {
    const sheet = await readCustomers(forty);
    expect(sheet.views[0]).toMatchObject({ state: "frozen", xSplit: 1, ySplit: headerRow });
    expect(readTableRanges(sheet)).toEqual([`A${headerRow}:N${headerRow + 12}`]);
    expect(sheet.pageSetup).toMatchObject({
      orientation: "landscape",
      fitToWidth: 1,
      fitToHeight: 0,
      printTitlesRow: `${headerRow}:${headerRow}`,
    });
    const sides = readRows(sheet, headerRow, 1)[0]?.map(
      (_, index) => sheet.getCell(headerRow, index + 1).alignment.horizontal,
    );
    expect(sides).toEqual(["left", ...Array.from({ length: 13 }, () => "right")]);
    const formats = ["C7", "L7", "N7"].map((cell) => sheet.getCell(cell).numFmt);
    expect(formats).toEqual(["[$€-2] #,##0.00;[$€-2] -#,##0.00", "0.0%", "dd-mm-yyyy"]);
    expect(sheet.getCell(headerRow + 13, 14).border).toEqual(sheet.getCell(headerRow + 13, 1).border);
  });

  it("has no table and says so when there are no offers", async () => {
    const sheet = await readCustomers([], "en");
    expect(readTableRanges(sheet)).toEqual([]);
    expect(readRows(sheet, headerRow + 1, 1)).toEqual([["No offers"]]);
  });

  it("can be read with a currency and names of any characters", async () => {
    const odd = `<&"\ufffe`;
    const sheet = await readCustomers([
      buildRow({ currency: odd, customerName: odd }),
      buildRow({ currency: odd }),
      buildRow({ customerId: odd, customerName: odd, currency: "USD" }),
    ]);
    const note = locales.nl.summary.describeCurrency(`<&"\ufffd`);
    expect(sheet.getCell(headerRow + 4, 1).value).toBe(note);
  });

  it("keeps long names readable", async () => {
    const customerName = `Vereniging van Eigenaars ${"Nieuwe Binnenweg ".repeat(4)}te Rotterdam`;
    const cell = (await readCustomers([buildRow({ customerName })])).getCell(headerRow + 1, 1);
    expect(cell.value).toBe(`${customerName.slice(0, 50)}…`);
    expect(cell.alignment).toEqual({ shrinkToFit: true });
  });

  it.each(statuses)(
    "has room for the date above the first number, with columns for %s offers alone",
    (status) => {
      const { widthsChars } = buildClosingSheets({ options: { status: [status] } }).customers;
      expect(widthsChars[1]).toBeGreaterThan("30-06-2026".length);
    },
  );

  it("has room for each word of its headings in both languages", () => {
    for (const language of ["nl", "en"] as const) {
      const { columns, facts, widthsChars } = buildClosingSheets({ language, rows: forty }).customers;
      expect(columns).toHaveLength(widthsChars.length);
      for (const { label } of facts) expect(label.length).toBeLessThan(widthsChars[0] ?? 0);
      for (const [index, heading] of columns.entries())
        for (const word of heading.split(" ")) expect(word.length).toBeLessThan(widthsChars[index] ?? 0);
    }
  });
});
