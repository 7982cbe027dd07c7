import { setImmediate } from "node:timers/promises";
import type { Cell } from "exceljs";
import fc from "fast-check";
import { readXlsx } from "hucre/xlsx";
import { describe, expect, it } from "vitest";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar, parseDay } from "../../../functions/core/basics/calendar.ts";
import type { Language } from "../../../functions/core/basics/languages.ts";
import { wrapLines } from "../../../functions/core/basics/safe-text.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import type { ColumnName } from "../../../functions/core/options/column-order.ts";
import type { Row } from "../../../functions/core/report/report-row.ts";
import type { AboutFacts } from "../../../functions/core/sheets/about-sheet.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import {
  buildClosingSheets,
  buildRow,
  makeRows,
  peopleColumns,
  streamRows,
} from "../../support/report-fixtures.ts";
import {
  cellAddress,
  columnNumber,
  readWorkbook,
  readXmlParts,
  readCellTexts,
} from "../../support/workbook-reader.ts";
import {
  collectBytes,
  openFailingSink,
  openRowSource,
  countRowsWhileStalled,
} from "../../support/test-streams.ts";
import { oddText } from "../../support/odd-text.ts";

const calendar = createCalendar("Europe/Amsterdam");
const columns = peopleColumns;
const layout = { columns, calendar, locale: locales.nl, closing: () => buildClosingSheets() };

type Given = { maxRows?: number; language?: Language; about?: Partial<AboutFacts> };

function writeRows(rows: Row[], given: Given = {}): Promise<Buffer> {
  const { language = "nl", about = {}, ...rest } = given;
  const closing = () => buildClosingSheets({ language, about });
  const own = { ...layout, ...rest, locale: locales[language], closing };
  return collectBytes((sink) => writeXlsx(streamRows(rows), sink, own));
}

async function readSheets(rows: Row[], given: Given = {}) {
  return (await readWorkbook(await writeRows(rows, given))).worksheets;
}

/** Reads the sheets of offers, which stand after the summary and before the follow-up sheet. */
async function readOfferSheets(rows: Row[], given: Given = {}) {
  return (await readSheets(rows, given)).slice(1, -3);
}

const sheetPath = "xl/worksheets/sheet1.xml";

/** Writes a sheet with one row, and returns a function that gives the row's cell in a column. */
async function readRow(given: Partial<Row>, language: Language = "nl"): Promise<(name: ColumnName) => Cell> {
  const [sheet] = await readOfferSheets([buildRow(given)], { language });
  if (sheet === undefined) throw new Error("no sheet");
  return (name) => sheet.getCell(2, columnNumber(name));
}

/**
 * Returns the text as the cell must contain it: line ends are line feeds, and characters that XML 1.0 cannot hold are
 * replaced.
 */
function expectText(given: string): string {
  const text = given.replaceAll("\r\n", "\n").replaceAll(/[\r\v\f]/g, "\n");
  const isAllowed = (code: number) =>
    [0x9, 0xa, 0xd].includes(code) ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    code >= 0x1_0000;
  return Array.from(text, (point) => (isAllowed(point.codePointAt(0) ?? 0) ? point : "\ufffd")).join("");
}

describe("writeXlsx's sheet", () => {
  it("has one bold, frozen header row, no filter besides the table's and room for the headings", async () => {
    const [sheet] = await readOfferSheets([buildRow(), buildRow()]);
    const header = sheet?.getRow(1);
    expect(header?.values).toEqual([undefined, ...columns.map(({ name }) => locales.nl.headings[name])]);
    expect(header?.getCell(1).font).toMatchObject({ bold: true, name: "Calibri", size: 11 });
    expect(sheet?.getRow(2).getCell(1).font?.bold).not.toBe(true);
    expect(sheet?.views).toMatchObject([{ state: "frozen", xSplit: 2, ySplit: 1 }]);
    expect(sheet?.autoFilter).toBeUndefined();
    expect(sheet?.getTables()).toHaveLength(1);
    expect(sheet?.hasMerges).toBe(false);
    expect(header?.getCell(1).alignment).toMatchObject({ wrapText: true });
    for (const { name } of columns) {
      const width = sheet?.getColumn(columnNumber(name)).width ?? 0;
      for (const word of locales.nl.headings[name].split(" ")) expect(width).toBeGreaterThan(word.length + 3);
      // The filter button stands beside a heading on the left, and below one on the right.
      const isRight = header?.getCell(columnNumber(name)).alignment.horizontal === "right";
      const lines =
        wrapLines(locales.nl.headings[name], isRight ? width : width - 4).length + Number(isRight);
      expect(header?.height).toBeGreaterThanOrEqual(lines * 15);
    }
  });

  it("has each heading on the side of the values below it", async () => {
    const [sheet] = await readOfferSheets([buildRow()]);
    const sides = new Map(
      columns.map(({ name }) => [name, sheet?.getRow(1).getCell(columnNumber(name)).alignment]),
    );
    const right = ["issuedAt", "amount", "expiresAt", "daysUntilExpiry", "daysOpen"];
    const later = ["decidedAt", "daysToDecision", "createdAt"];
    const listed = [...sides].flatMap(([name, side]) => (side?.horizontal === "right" ? name : []));
    expect(listed).toEqual([...right, ...later]);
    for (const name of ["status", "signed", "remarks"] as const)
      expect(sides.get(name)).toMatchObject({ horizontal: "left", indent: 1 });
    expect(sides.get("customerName")).toMatchObject({ horizontal: "left" });
  });

  it("indents words, so that they keep a distance from the number or date before them", async () => {
    const cell = await readRow({ remarks: [{ code: "bothDecided" }] });
    for (const name of ["status", "signed", "expiringSoon", "remarks"] as const)
      expect(cell(name).alignment).toEqual({ horizontal: "left", indent: 1 });
    expect(cell("customerName").alignment).toBeUndefined();
  });

  it.each([
    ["nl", "Offertes"],
    ["en", "Offers"],
  ] as const)("is named in the language (%s)", async (language, name) => {
    const sheets = await readOfferSheets([buildRow()], { language });
    expect(sheets.map((sheet) => sheet.name)).toEqual([name]);
  });

  it("has only the header when there are no rows", async () => {
    const [sheet] = await readOfferSheets([]);
    expect(sheet?.rowCount).toBe(1);
    expect(sheet?.getCell(1, 1).value).toBe("Offertenummer");
  });

  it("is followed by another sheet with its own header when it is full", async () => {
    const ids = ["1", "2", "3", "4", "5", "6", "7"];
    const sheets = await readOfferSheets(
      ids.map((offerId) => buildRow({ offerId })),
      { maxRows: 3 },
    );
    expect(sheets.map((sheet) => sheet.name)).toEqual(["Offertes", "Offertes 2", "Offertes 3"]);
    const heading = locales.nl.headings.offerId;
    const found = sheets.map((sheet) => sheet.getColumn(columnNumber("offerId")).values.slice(1));
    expect(found).toEqual([
      [heading, "1", "2", "3"],
      [heading, "4", "5", "6"],
      [heading, "7"],
    ]);
  });

  it("is not followed by an empty sheet when the rows fill it exactly", async () => {
    const rows = [buildRow(), buildRow(), buildRow()];
    expect(await readOfferSheets(rows, { maxRows: 3 })).toHaveLength(1);
  });

  it("is in a file whose parts are all well-formed XML", async () => {
    const parts = await readXmlParts(await writeRows([buildRow()], { maxRows: 1 }));
    const names = [...parts.keys()];
    expect(names).toEqual(
      expect.arrayContaining(["[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml", sheetPath]),
    );
    for (const xml of parts.values()) expect(() => readCellTexts(xml)).not.toThrow();
  });
});

describe("writeXlsx's workbook", () => {
  async function writeForty(): Promise<Buffer> {
    const rows = makeRows(fortyOffers, fortyAsOf);
    const closing = () => buildClosingSheets({ rows, asOf: fortyAsOf });
    return await collectBytes((sink) => writeXlsx(streamRows(rows), sink, { ...layout, closing }));
  }

  it("has the same values and number formats in another reader as in exceljs, on every sheet", async () => {
    const bytes = await writeForty();
    const { worksheets } = await readWorkbook(bytes);
    const { sheets } = await readXlsx(bytes, { readStyles: true });
    expect(sheets.map(({ name }) => name)).toEqual(worksheets.map(({ name }) => name));
    for (const [index, sheet] of worksheets.entries()) {
      const other = sheets[index];
      sheet.eachRow((row, y) =>
        row.eachCell((cell, x) => {
          expect(other?.rows[y - 1]?.[x - 1]).toEqual(cell.value);
          if (typeof cell.value !== "number" || cell.numFmt === undefined) return;
          const { style } = other?.cells?.get(`${y - 1},${x - 1}`) ?? {};
          expect(style?.numFmt).toBe(cell.numFmt);
        }),
      );
    }
  });

  it("has sums in its summary that equal the sums of its rows in another reader", async () => {
    const [summary, offers] = (await readXlsx(await writeForty())).sheets;
    const sums = new Map<unknown, number>();
    for (const row of offers?.rows.slice(1) ?? []) {
      const amount = row[columnNumber("amount") - 1];
      const status = row[columnNumber("status") - 1];
      const isCounted = typeof amount === "number" && row[columnNumber("currency") - 1] === "EUR";
      sums.set(status, (sums.get(status) ?? 0) + (isCounted ? amount : 0));
    }
    const told = summary?.rows.slice(9, 13).map(([status, , value]) => [status, value]);
    expect(told).toEqual([...sums].map(([status, sum]) => [status, Number(sum.toFixed(4))]));
  });
});

describe("writeXlsx's sheet about the report", () => {
  async function readAbout(given: Given = {}) {
    const sheet = (await readSheets([buildRow()], given)).at(-1);
    if (sheet === undefined) throw new Error("no sheet");
    return sheet;
  }

  it.each([
    ["nl", 0, ["Samenvatting", "Offertes", "Opvolgen", "Klanten", "Toelichting"]],
    ["en", 0, ["Summary", "Offers", "Follow up", "Customers", "About"]],
    ["nl", 2, ["Samenvatting", "Offertes", "Offertes 2", "Opvolgen", "Klanten", "Toelichting"]],
    ["en", 2, ["Summary", "Offers", "Offers 2", "Follow up", "Customers", "About"]],
  ] as const)(
    "comes after the sheets of offers (%s, %i offers, one on each sheet)",
    async (language, count, names) => {
      const rows = Array.from({ length: count }, () => buildRow());
      const sheets = await readSheets(rows, { maxRows: 1, language });
      expect(sheets.map(({ name }) => name)).toEqual(names);
      expect(sheets.at(-1)?.getCell("A1").value).toBe(locales[language].about.labels.asOf);
    },
  );

  it("leaves the summary as the only selected sheet, although the summary is written later", async () => {
    const parts = await readXmlParts(await writeRows([buildRow(), buildRow()], { maxRows: 1 }));
    const selected = [...parts].filter(([, xml]) => xml.includes('tabSelected="1"'));
    expect(selected.map(([name]) => name)).toEqual(["xl/worksheets/sheet3.xml"]);
    expect(parts.get("xl/workbook.xml")).not.toContain("activeTab");
  });

  it("is requested once, after the last row", async () => {
    const { rows, seen } = openRowSource(300);
    const asked: number[] = [];
    const closing = () => {
      asked.push(seen.pulled);
      return buildClosingSheets({ about: { rows: seen.pulled } });
    };
    const bytes = await collectBytes((sink) => writeXlsx(rows, sink, { ...layout, closing }));
    expect(asked).toEqual([300]);
    expect((await readWorkbook(bytes)).getWorksheet("Toelichting")?.getCell("B7").value).toBe(300);
  });

  it("has a label and a value in each row: dates by the calendar's clock, numbers, words and every remark", async () => {
    const { pastState, doubts, about } = locales.nl;
    const remarks = [doubts.restless, pastState, " =1+1 "];
    const sheet = await readAbout({ about: { completeness: "uncertain", remarks } });
    const cells = sheet
      .getRows(1, sheet.rowCount)
      ?.map((row) => [row.getCell(1).value, row.getCell(2).value]);
    expect(cells?.slice(0, 12)).toEqual([
      ["Peildatum", new Date("2024-10-04T00:00:00Z")],
      ["Tijdzone", "Europe/Amsterdam (geldt voor alle tijden in dit bestand)"],
      ["Selectie", "Alle offertes"],
      ["Opgehaald van", new Date("2026-03-29T01:59:59Z")],
      ["Opgehaald tot", new Date("2026-03-29T03:00:07Z")],
      ["Offertes in het portaal", 347],
      ["Daarvan in dit bestand", 200],
      ["Pagina's in het portaal", 24],
      ["Verzoeken voor offertes", 33],
      ["Wijze van ophalen", about.methods.full],
      ["Volledigheid", about.verdicts.uncertain],
      ["Wat volledig betekent", about.promise],
    ]);
    expect(cells?.slice(12, 15)).toEqual(about.assumptions.map((text) => ["Aanname", text]));
    expect(cells?.slice(15, 18)).toEqual([
      ["Opmerking", doubts.restless],
      ["Opmerking", pastState],
      ["Opmerking", { richText: [{ text: " =1+1 " }] }],
    ]);
  });

  it.each([
    ["nl", "dd-mm-yyyy", "dd-mm-yyyy hh:mm:ss"],
    ["en", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"],
  ] as const)("shows its dates in the language's pattern (%s)", async (language, day, moment) => {
    const sheet = await readAbout({ language });
    expect(sheet.getCell("B1").numFmt).toBe(day);
    expect(sheet.getCell("B4").numFmt).toBe(moment);
    expect(sheet.getCell("B5").numFmt).toBe(moment);
  });

  it("reads the same without exceljs", async () => {
    const bytes = await writeRows([buildRow()], { language: "en", about: { remarks: ["a <b> & c"] } });
    const texts = readCellTexts((await readXmlParts(bytes)).get("xl/worksheets/sheet5.xml") ?? "");
    const { promise, verdicts, assumptions } = locales.en.about;
    expect(texts.get("A1")).toBe("As of");
    expect(texts.get("B1")).toBe("45569");
    expect(Number(texts.get("B4"))).toBeCloseTo(46_110 + (1 * 3600 + 59 * 60 + 59) / 86_400, 9);
    expect(Number(texts.get("B5"))).toBeCloseTo(46_110 + (3 * 3600 + 7) / 86_400, 9);
    expect(texts.get("B6")).toBe("347");
    expect(texts.get("B11")).toBe(verdicts.complete);
    expect(texts.get("B12")).toBe(promise);
    expect(["B13", "B14", "B15"].map((cell) => texts.get(cell))).toEqual(assumptions);
    expect(texts.get("A16")).toBe("Remark");
    expect(texts.get("B16")).toBe("a <b> & c");
    const { hashed, asOfRule, statusRules, meanings, vat } = locales.en.about;
    expect(texts.get("B17")).toBe(locales.en.changes.none.first);
    expect(texts.get("B18")).toBe(vat);
    expect(texts.get("B19")).toMatch(/^[0-9a-f]{64}$/);
    expect(texts.get("B20")).toBe(hashed);
    expect(texts.get("B21")).toMatch(/^offer-export \d/);
    expect(["A23", "B24", "A25", "B25"].map((cell) => texts.get(cell))).toEqual([
      "How the status is decided",
      asOfRule,
      "open",
      statusRules.open,
    ]);
    expect(["A30", "A31", "B31", "A32", "B32"].map((cell) => texts.get(cell))).toEqual([
      "What the columns mean",
      "Offer number",
      meanings.offerNumber,
      "Status",
      meanings.status,
    ]);
  });

  it("has bold labels, wrapped texts and two columns that fit A4 in portrait", async () => {
    const sheet = await readAbout();
    expect(sheet.columnCount).toBe(2);
    expect(sheet.hasMerges).toBe(false);
    expect(sheet.getCell("A11").font).toMatchObject({ bold: true, name: "Calibri", size: 11 });
    expect(sheet.getCell("B11").font?.bold).not.toBe(true);
    for (const cell of ["A11", "B1", "B4", "B6", "B11"]) {
      expect(sheet.getCell(cell).alignment).toEqual({ wrapText: true, vertical: "top", horizontal: "left" });
    }
    const headings = new Set(["statuses", "columns"]);
    for (const { about } of Object.values(locales)) {
      const longest = Math.max(
        ...Object.entries(about.labels).map(([name, label]) => (headings.has(name) ? 0 : label.length)),
      );
      expect(sheet.getColumn(1).width).toBeGreaterThan(longest);
    }
    const fit = { fitToPage: true, fitToWidth: 1, fitToHeight: 0 };
    expect(sheet.pageSetup).toMatchObject({ ...fit, orientation: "portrait", paperSize: 9 });
  });

  it("makes each row as high as its text", async () => {
    const sheet = await readAbout({ about: { remarks: ["kort", "woord ".repeat(5000)] } });
    expect([12, 16, 17].map((row) => sheet.getRow(row).height)).toEqual([45, 15, 409]);
  });
});

describe("writeXlsx's dates", () => {
  it.each([
    ["nl", "dd-mm-yyyy"],
    ["en", "yyyy-mm-dd"],
  ] as const)("are days in the language's pattern (%s)", async (language, pattern) => {
    const cell = await readRow({ issuedAt: parseDay("2024-02-29") }, language);
    expect(cell("issuedAt").value).toEqual(new Date("2024-02-29T00:00:00Z"));
    expect(cell("issuedAt").numFmt).toBe(pattern);
  });

  it("show the calendar's wall clock on both sides of summer time", async () => {
    const start = await readRow({
      decidedAt: Date.UTC(2026, 2, 29, 0, 59, 59),
      createdAt: Date.UTC(2026, 2, 29, 1),
    });
    expect(start("decidedAt").value).toEqual(new Date("2026-03-29T01:59:59Z"));
    expect(start("createdAt").value).toEqual(new Date("2026-03-29T03:00:00Z"));
    expect(start("createdAt").numFmt).toBe("dd-mm-yyyy hh:mm:ss");
    const end = await readRow({
      decidedAt: Date.UTC(2026, 9, 25, 0, 30),
      createdAt: Date.UTC(2026, 9, 25, 1, 30),
    });
    expect(end("decidedAt").value).toEqual(new Date("2026-10-25T02:30:00Z"));
    expect(end("createdAt").value).toEqual(new Date("2026-10-25T02:30:00Z"));
  });

  it("are never rounded up to the next day", async () => {
    const cell = await readRow({ createdAt: Date.UTC(2026, 0, 31, 22, 59, 59, 999) });
    expect(cell("createdAt").value).toEqual(new Date("2026-01-31T23:59:59Z"));
  });

  it("are text when Excel has no number for them", async () => {
    const cell = await readRow({
      issuedAt: parseDay("1900-02-28"),
      expiresAt: parseDay("1900-03-01"),
      decidedAt: Date.UTC(1850, 0, 1),
      createdAt: Date.UTC(9999, 11, 31, 23, 30),
    });
    expect(cell("issuedAt").value).toBe("1900-02-28");
    expect(cell("expiresAt").value).toEqual(new Date("1900-03-01T00:00:00Z"));
    expect(cell("decidedAt").value).toMatch(/^1850-01-01T00:/);
    expect(cell("createdAt").value).toBe("+010000-01-01T00:30:00+01:00");
  });

  it("appear as the portal wrote them when they cannot be read", async () => {
    const cell = await readRow({ issuedAt: null, raw: { issuedAt: "gisteren" } });
    expect(cell("issuedAt").value).toBe("gisteren");
    expect(cell("createdAt").value).toBeNull();
  });
});

describe("writeXlsx's amounts", () => {
  it.each([
    ["1234.50", "EUR", 1234.5, "[$€-2] #,##0.00;[$€-2] -#,##0.00"],
    ["-0.75", "EUR", -0.75, "[$€-2] #,##0.00;[$€-2] -#,##0.00"],
    ["5", "EUR", 5, "[$€-2] #,##0.00;[$€-2] -#,##0.00"],
    ["-1234567.8912", "EUR", -1_234_567.8912, "[$€-2] #,##0.0000;[$€-2] -#,##0.0000"],
    ["12.5", "USD", 12.5, "[$USD] #,##0.00;[$USD] -#,##0.00"],
    ["12.5", "eur", 12.5, "[$€-2] #,##0.00;[$€-2] -#,##0.00"],
    ["12.5", "EUR\n", 12.5, "[$€-2] #,##0.00;[$€-2] -#,##0.00"],
    ["12.5", " usd", 12.5, "[$USD] #,##0.00;[$USD] -#,##0.00"],
    ["12.5", null, 12.5, "#,##0.00"],
    ["12.5", 'bit"coin', 12.5, "#,##0.00"],
    ["123456789012345", "EUR", 123_456_789_012_345, "[$€-2] #,##0.00;[$€-2] -#,##0.00"],
  ])("are numbers: %s in %s", async (amount, currency, number, format) => {
    const cell = await readRow({ amount, currency });
    expect(cell("amount").value).toBe(number);
    expect(cell("amount").numFmt).toBe(format);
    expect(cell("amount").alignment).toEqual({ shrinkToFit: true });
  });

  it.each(["1234567890123456", "-12345678901234.56", `1${"0".repeat(400)}`])(
    "are text when a number would lose digits: %s",
    async (amount) => {
      expect((await readRow({ amount }))("amount").value).toBe(amount);
    },
  );

  it("need no more number formats than Excel allows, for any number of currencies", async () => {
    const letters = "ABCDEFGHIJKLMNOPQRST".split("");
    const currencies = letters.flatMap((first) => letters.map((last) => `${first}Q${last}`));
    const bytes = await writeRows(currencies.map((currency) => buildRow({ currency })));
    const styles = (await readXmlParts(bytes)).get("xl/styles.xml") ?? "";
    expect(styles.match(/<numFmt /g)?.length).toBeLessThan(200);
    const sheet = (await readWorkbook(bytes)).getWorksheet("Offertes");
    expect(sheet?.getCell(401, columnNumber("amount")).numFmt).toBe("#,##0.00");
  });
});

describe("writeXlsx's words", () => {
  it.each([
    ["nl", "verlopen", "ja", "nee", "zowel geaccepteerd als afgewezen; het laatste besluit telt"],
    ["en", "expired", "yes", "no", "both accepted and rejected; the later decision counts"],
  ] as const)("are in the language (%s)", async (language, status, yes, no, remark) => {
    const given: Partial<Row> = { status: "expired", signed: true, expiringSoon: false, acceptedLate: null };
    const cell = await readRow({ ...given, remarks: [{ code: "bothDecided" }] }, language);
    expect(cell("status").value).toBe(status);
    expect(cell("signed").value).toBe(yes);
    expect(cell("expiringSoon").value).toBe(no);
    expect(cell("acceptedLate").value).toBeNull();
    expect(cell("remarks").value).toBe(remark);
  });
});

describe("writeXlsx's remarks", () => {
  it.each([
    ["nl", "Bedrag ontbreekt", 'Afgewezen op is onleesbaar: "ooit"'],
    ["en", "Amount is missing", 'Rejected at cannot be read: "ooit"'],
  ] as const)("name columns as the headings do (%s)", async (language, ...words) => {
    const remarks: Row["remarks"] = [
      { code: "missing", field: "amount" },
      { code: "unreadable", field: "rejectedAt", text: "ooit" },
    ];
    expect((await readRow({ remarks }, language))("remarks").value).toBe(words.join("; "));
  });
});

describe("writeXlsx's numbers", () => {
  it("may be 0 or negative, and leave the cell empty when they are NaN", async () => {
    const cell = await readRow({ daysOpen: 0, daysUntilExpiry: -3, daysToDecision: Number.NaN });
    expect(cell("daysOpen").value).toBe(0);
    expect(cell("daysUntilExpiry").value).toBe(-3);
    expect(cell("daysToDecision").value).toBeNull();
  });
});

describe("writeXlsx's texts", () => {
  it("keep every character that XML can hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(oddText, { minLength: 1, maxLength: 20 }), async (texts) => {
        const rows = texts.map((text) =>
          buildRow({ customerName: text, issuedAt: null, raw: { issuedAt: text } }),
        );
        const found = readCellTexts((await readXmlParts(await writeRows(rows))).get(sheetPath) ?? "");
        const expected = texts.map(expectText);
        expect(texts.map((_, index) => found.get(cellAddress("customerName", index + 2)) ?? "")).toEqual(
          expected,
        );
        expect(texts.map((_, index) => found.get(cellAddress("issuedAt", index + 2)) ?? "")).toEqual(
          expected,
        );
      }),
    );
  });

  it.each([
    ["a\r\nb", "a\nb"],
    ["a\rb", "a\nb"],
    ["a\nb", "a\nb"],
    ["a\r\r\nb\n\r", "a\n\nb\n\n"],
    ["a\u000bb\u000cc", "a\nb\nc"],
  ])("store the line ends of %j as line feeds, which every reader understands", async (given, text) => {
    const raw = { amount: given };
    const bytes = await writeRows([buildRow({ customerName: given, amount: null, raw })]);
    const xml = (await readXmlParts(bytes)).get(sheetPath) ?? "";
    expect(xml).not.toMatch(/\r|_x000d_/i);
    expect(readCellTexts(xml).get(cellAddress("customerName", 2))).toBe(text);
    const [, offers] = (await readXlsx(bytes)).sheets;
    for (const name of ["customerName", "amount"] as const)
      expect(offers?.rows[1]?.[columnNumber(name) - 1]).toBe(text);
  });

  it("are wrapped when they have line ends", async () => {
    const remarks: Row["remarks"] = [{ code: "unreadable", field: "amount", text: "1\r\n2" }];
    const cell = await readRow({ customerName: "a\r\nb", offerNumber: "a b", remarks });
    expect(cell("customerName").alignment).toEqual({ wrapText: true });
    expect(cell("remarks").alignment).toEqual({ horizontal: "left", indent: 1, wrapText: true });
    expect(cell("offerNumber").alignment).toBeUndefined();
  });

  it("keep the line separators that XML allows", async () => {
    const bytes = await writeRows([buildRow({ customerName: "a\u0085b\u2028c\u2029d" })]);
    const [, offers] = (await readXlsx(bytes)).sheets;
    expect(offers?.rows[1]?.[columnNumber("customerName") - 1]).toBe("a\u0085b\u2028c\u2029d");
  });

  it.each(["_x000D_", "a_x000d_b", "_x005F_x000D_", "_x000D_\r\n"])(
    "are kept when they only look like escaped line ends: %j",
    async (text) => {
      const bytes = await writeRows([buildRow({ customerName: text })]);
      expect(
        readCellTexts((await readXmlParts(bytes)).get(sheetPath) ?? "").get(cellAddress("customerName", 2)),
      ).toBe(expectText(text));
    },
  );

  it("declare that blanks at their ends are to be preserved", async () => {
    const xml = (await readXmlParts(await writeRows([buildRow({ customerName: " a " })]))).get(sheetPath);
    expect(xml).toContain('<t xml:space="preserve"> a </t>');
  });

  it("stay texts when they look like formulas or numbers", async () => {
    const cell = await readRow({ customerName: "=1+1", offerNumber: "00123" });
    expect(cell("customerName").value).toBe("=1+1");
    expect(cell("customerName").formula).toBeUndefined();
    expect(cell("offerNumber").value).toBe("00123");
  });

  it("are cut to the length that a cell can hold, remarks too", async () => {
    const cell = await readRow({
      customerName: "x".repeat(50_000),
      remarks: Array.from({ length: 3000 }, () => ({ code: "bothDecided" as const })),
    });
    expect(cell("customerName").value).toBe("x".repeat(32_767));
    expect(cell("remarks").value).toHaveLength(32_767);
  });
});

describe("writeXlsx", () => {
  it("rejects with the sink's error and stops asking for rows", async () => {
    const { rows, seen } = openRowSource(3000);
    await expect(writeXlsx(rows, openFailingSink("write"), layout)).rejects.toThrow("the disk is full");
    await expect.poll(() => seen.isClosed).toBe(true);
    expect(seen.pulled).toBeLessThan(500);
  });

  it("asks for no further row once the sink has been destroyed", async () => {
    const sink = openFailingSink("final");
    const { rows, seen } = openRowSource(3000);
    async function* destroy() {
      yield [buildRow()];
      sink.destroy();
      await setImmediate();
      yield* rows;
    }
    await expect(writeXlsx(destroy(), sink, layout)).rejects.toMatchObject({
      code: "ERR_STREAM_PREMATURE_CLOSE",
    });
    await expect.poll(() => seen.isClosed).toBe(true);
    expect(seen.pulled).toBe(0);
  });

  it("rejects with the error of `closing`, which it calls at the end", async () => {
    const sink = openFailingSink("final");
    const error = new Error("no figures");
    const closing = () => {
      throw error;
    };
    await expect(writeXlsx(openRowSource(1).rows, sink, { ...layout, closing })).rejects.toBe(error);
    expect(sink.errored).toBe(error);
  });

  it("rejects when the sink fails at its end", async () => {
    const { rows } = openRowSource(1);
    await expect(writeXlsx(rows, openFailingSink("final"), layout)).rejects.toThrow("the disk is full");
  });

  it("rejects when the sink is destroyed while it waits for rows", async () => {
    const sink = openFailingSink("final");
    async function* hang() {
      yield [buildRow()];
      sink.destroy();
      await new Promise(() => {});
    }
    await expect(writeXlsx(hang(), sink, layout)).rejects.toMatchObject({
      code: "ERR_STREAM_PREMATURE_CLOSE",
    });
  });

  it("rejects with the rows' error and destroys the sink with it", async () => {
    const sink = openFailingSink("final");
    const error = new Error("the snapshot is cut");
    async function* fail() {
      yield* openRowSource(200).rows;
      throw error;
    }
    await expect(writeXlsx(fail(), sink, layout)).rejects.toBe(error);
    expect(sink.errored).toBe(error);
  });

  it("reads no further rows while the sink is stalled", async () => {
    const { rows, seen } = openRowSource(3000);
    const pulled = await countRowsWhileStalled((sink) => writeXlsx(rows, sink, layout), seen);
    expect(pulled).toBeLessThanOrEqual(250);
    expect(seen.pulled).toBe(3000);
  });
});
