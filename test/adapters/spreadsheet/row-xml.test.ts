import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCellStyles, makeCellValue } from "../../../functions/adapters/spreadsheet/cell-styles.ts";
import { closeSheet, openOffersSheet } from "../../../functions/adapters/spreadsheet/offers-sheet-writer.ts";
import { ReportWorkbook } from "../../../functions/adapters/spreadsheet/package-parts.ts";
import {
  columnLetters,
  formatNumberCell,
  formatRowXml,
  formatRunCell,
  formatTextCell,
  makeCellOpening,
} from "../../../functions/adapters/spreadsheet/row-xml.ts";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { escapeXml } from "../../../functions/core/basics/safe-text.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { type Column, readCell } from "../../../functions/core/report/columns.ts";
import type { Row } from "../../../functions/core/report/report-row.ts";
import {
  buildClosingSheets,
  buildRow,
  machineColumns,
  peopleColumns,
  streamRows,
} from "../../support/report-fixtures.ts";
import { readWorkbook, readXmlParts, readCellTexts } from "../../support/workbook-reader.ts";
import { collectBytes } from "../../support/test-streams.ts";
import { oddText } from "../../support/odd-text.ts";

const calendar = createCalendar("Europe/Amsterdam");
const sheetPath = "xl/worksheets/sheet1.xml";

function makeLayout(columns: Column[]) {
  return { columns, calendar, locale: locales.nl, closing: () => buildClosingSheets() };
}

type Layout = ReturnType<typeof makeLayout>;

function writeRows(rows: Row[], layout: Layout): Promise<Buffer> {
  return collectBytes((sink) => writeXlsx(streamRows(rows), sink, layout));
}

/**
 * Writes the offers' sheet cell by cell with exceljs's row API. The test compares the result with that of
 * `writeRows`.
 */
function writeReference(rows: Row[], layout: Layout): Promise<Buffer> {
  const author = { creator: "test", lastModifiedBy: "test" };
  const zip = { highWaterMark: 65_536, zlib: { level: 1 } };
  const look = { ...layout, styles: createCellStyles(layout.locale) };
  return collectBytes(async (stream) => {
    const book = new ReportWorkbook({ ...author, useStyles: true, useSharedStrings: false, zip, stream });
    const sheet = openOffersSheet(book, layout, 1);
    for (const row of rows) {
      const target = sheet.writer.addRow([]);
      for (const [index, column] of layout.columns.entries()) {
        const value = makeCellValue(readCell(row, column), look);
        if (value !== null) Object.assign(target.getCell(index + 1), value);
      }
      target.commit();
    }
    sheet.rows = rows.length;
    await closeSheet(book, sheet, layout);
    await book.commit();
  });
}

async function readCells(bytes: Buffer) {
  const sheet = (await readWorkbook(bytes)).getWorksheet(locales.nl.sheetName);
  return sheet
    ?.getRows(1, Math.max(1, sheet.rowCount))
    ?.map((row) => Array.from({ length: sheet.columnCount }, (_, index) => readOne(row.getCell(index + 1))));
}

function readOne({ type, value, style }: { type: number; value: unknown; style: unknown }) {
  return { type, value, style };
}

const anyText = fc.oneof(
  { weight: 40, arbitrary: oddText },
  { weight: 1, arbitrary: oddText.map((odd) => `${odd}${"lang 👍_x0041_".repeat(4000)}`) },
);
const amount = fc.oneof(
  fc.constantFrom("0", "-0", "-0.00", "0.0001", "-999999999999999", "9007199254740993", "1234,50", "1e3"),
  fc.integer({ min: -1e9, max: 1e9 }).map((units) => (units / 1e4).toFixed(4)),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
);
/** Days around 1900-03-01 and 9999-12-31, the first and last day that a cell may hold as a date. */
const day = fc.oneof(
  fc.integer({ min: -25_510, max: -25_506 }),
  fc.integer({ min: 2_932_894, max: 2_932_898 }),
);
const ordinaryDay = fc.integer({ min: 15_000, max: 25_000 });
const moment = fc.tuple(fc.oneof(day, ordinaryDay), fc.integer({ min: 0, max: 86_399_999 }));
const count = fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));
const remark = fc.oneof(
  fc.constant<Row["remarks"][number]>({ code: "bothDecided" }),
  anyText.map((odd): Row["remarks"][number] => ({ code: "unreadable", field: "amount", text: odd })),
);

function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { freq: 3 });
}

const momentOrNull = orNull(moment.map(([days, ms]) => days * 86_400_000 + ms));
const raw = fc.record({ issuedAt: anyText, amount: anyText, createdAt: anyText }, { requiredKeys: [] });

const oddRow: fc.Arbitrary<Row> = fc.record({
  offerNumber: orNull(anyText),
  offerId: orNull(anyText),
  customerId: orNull(anyText),
  customerName: orNull(anyText),
  issuedAt: orNull(fc.oneof(day, ordinaryDay)),
  expiresAt: orNull(fc.oneof(day, ordinaryDay)),
  status: fc.constantFrom("open", "accepted", "rejected", "expired"),
  decidedAt: momentOrNull,
  daysToDecision: orNull(count),
  daysOpen: orNull(count),
  daysUntilExpiry: orNull(count),
  expiringSoon: orNull(fc.boolean()),
  acceptedLate: orNull(fc.boolean()),
  currency: orNull(fc.oneof(fc.constantFrom("EUR", "USD", "CHF"), anyText)),
  amount: orNull(amount),
  signed: fc.boolean(),
  createdAt: momentOrNull,
  acceptedViaIp: orNull(anyText),
  acceptedViaUserAgent: orNull(anyText),
  raw,
  remarks: fc.array(remark, { maxLength: 3 }),
});

const layouts = [peopleColumns, machineColumns, peopleColumns.toReversed()].map(makeLayout);

describe("the rows that writeXlsx writes", () => {
  it("are byte for byte those of exceljs's row API", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(oddRow, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...layouts),
        async (rows, layout) => {
          const [own, reference] = [await writeRows(rows, layout), await writeReference(rows, layout)];
          const [parts, expected] = [await readXmlParts(own), await readXmlParts(reference)];
          for (const xml of parts.values()) expect(() => readCellTexts(xml)).not.toThrow();
          expect(readCellTexts(parts.get(sheetPath) ?? "")).toEqual(
            readCellTexts(expected.get(sheetPath) ?? ""),
          );
          expect(parts.get(sheetPath)).toBe(expected.get(sheetPath));
          expect(await readCells(own)).toEqual(await readCells(reference));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leave out a row without cells, but count it", async () => {
    const layout = makeLayout([{ name: "customerName", type: "text" }]);
    const rows = [buildRow({ customerName: null }), buildRow({ customerName: "De Vries" })];
    const xml = (await readXmlParts(await writeRows(rows, layout))).get(sheetPath);
    expect(xml).toBe((await readXmlParts(await writeReference(rows, layout))).get(sheetPath));
    expect([...readCellTexts(xml ?? "").keys()]).toEqual(["A1", "A3"]);
  });

  it("have the right column letters beyond Z", async () => {
    const [status, ...others] = peopleColumns.filter(({ type }) => type === "status" || type === "text");
    const columns = Array.from({ length: 8 }, () => [...others, ...(status ? [status] : [])]).flat();
    const layout = makeLayout(columns);
    const own = await readXmlParts(await writeRows([buildRow()], layout));
    expect(own.get(sheetPath)).toBe(
      (await readXmlParts(await writeReference([buildRow()], layout))).get(sheetPath),
    );
  });
});

const plain = makeCellOpening(0);

describe("escapeMarkup", () => {
  it("escapes what XML reads as markup, each time", () => {
    expect(escapeXml(`<b a="1">'&amp;'</b>`)).toBe(
      "&lt;b a=&quot;1&quot;&gt;&apos;&amp;amp;&apos;&lt;/b&gt;",
    );
  });

  it("leaves everything else alone", () => {
    expect(escapeXml("=cmd|\t\n👍 _x0041_")).toBe("=cmd|\t\n👍 _x0041_");
  });
});

describe("a cell", () => {
  it("names its style unless it is the default style", () => {
    expect(formatNumberCell(-1.5, makeCellOpening(3))).toBe('" s="3"><v>-1.5</v></c>');
    expect(formatTextCell("a<b", makeCellOpening(12))).toBe('" s="12" t="str"><v>a&lt;b</v></c>');
    expect(formatTextCell("a", plain)).toBe('" t="str"><v>a</v></c>');
  });

  it.each([" a", "a ", "a\nb", "\t"])("declares that the blanks of %j are to be preserved", (text) => {
    expect(formatRunCell(text, plain)).toContain(`<t xml:space="preserve">${text}</t>`);
  });

  it("declares nothing about blanks when there are none", () => {
    expect(formatRunCell("_x005F_x0041_", plain)).toBe(
      '" t="inlineStr"><is><r><t>_x005F_x0041_</t></r></is></c>',
    );
  });
});

describe("formatRow", () => {
  it("leaves out a row without cells", () => {
    expect(formatRowXml("", { number: 7, firstColumn: 0, lastColumn: 0 })).toBe("");
  });

  it("spans from the first cell to the last", () => {
    expect(formatRowXml("<c/>", { number: 7, firstColumn: 2, lastColumn: 4 })).toBe(
      '<row r="7" spans="2:4" x14ac:dyDescent="0.25"><c/></row>',
    );
  });
});

describe("nameColumn", () => {
  it.each([
    [1, "A"],
    [26, "Z"],
    [27, "AA"],
    [52, "AZ"],
    [702, "ZZ"],
    [703, "AAA"],
    [16_384, "XFD"],
  ])("names %i %s", (number, name) => {
    expect(columnLetters(number)).toBe(name);
  });
});
