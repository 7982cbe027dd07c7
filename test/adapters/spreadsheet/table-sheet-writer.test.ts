import type { Worksheet } from "exceljs";
import { describe, expect, it } from "vitest";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import type { Language } from "../../../functions/core/basics/languages.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { statuses } from "../../../functions/core/offer/offer-status.ts";
import { statusColours } from "../../../functions/core/offer/status-colours.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { buildClosingSheets, makeRows, peopleColumns, streamRows } from "../../support/report-fixtures.ts";
import { readWorkbook, readXmlParts, readCellTexts } from "../../support/workbook-reader.ts";
import { collectBytes } from "../../support/test-streams.ts";

const calendar = createCalendar("Europe/Amsterdam");
const columns = peopleColumns;
const euro = "[$€-2] #,##0.00;[$€-2] -#,##0.00";
const euroMills = "[$€-2] #,##0.000;[$€-2] -#,##0.000";

function writeOffers(offers: Record<string, unknown>[], language: Language = "nl"): Promise<Buffer> {
  const rows = makeRows(offers, fortyAsOf);
  const closing = () => buildClosingSheets({ rows, language, asOf: fortyAsOf });
  const layout = { columns, calendar, locale: locales[language], closing };
  return collectBytes((sink) => writeXlsx(streamRows(rows), sink, layout));
}

async function readSheet(name: string, offers: Record<string, unknown>[], language: Language = "nl") {
  const sheet = (await readWorkbook(await writeOffers(offers, language))).getWorksheet(name);
  if (sheet === undefined) throw new Error(`no sheet ${name}`);
  return sheet;
}

/** Reads the rows between the heading and the next empty row, without the empty cells at the end of a row. */
function readTable(sheet: Worksheet, heading: string): unknown[][] {
  const from = findRow(sheet, heading) + 1;
  const rows: unknown[][] = [];
  for (let number = from; sheet.getRow(number).hasValues; number += 1) {
    const { values } = sheet.getRow(number);
    rows.push(Array.isArray(values) ? values.slice(1) : []);
  }
  return rows;
}

function findRow(sheet: Worksheet, text: string): number {
  for (let number = 1; number <= sheet.rowCount; number += 1) {
    if (sheet.getCell(number, 1).value === text) return number;
  }
  throw new Error(`no row ${text}`);
}

describe("the summary", () => {
  it("shows in Dutch the figures of forty offers that were worked out by hand, as numbers", async () => {
    const sheet = await readSheet("Samenvatting", fortyOffers);
    expect(sheet.getCell("A1").value).toBe("Offertes: samenvatting");
    expect(readTable(sheet, "Per status")).toEqual([
      ["Status", "Aantal", "Waarde", "Aandeel aantal", "Aandeel waarde"],
      ["open", 14, 11_800.855, 0.35, 0.3819],
      ["geaccepteerd", 12, 10_001, 0.3, 0.3236],
      ["afgewezen", 6, 2999, 0.15, 0.0971],
      ["verlopen", 8, 6100, 0.2, 0.1974],
      ["Totaal", 40, 30_900.855, 1, 1],
      ["Waarden zijn in EUR. Offertes in andere valuta's tellen mee in de aantallen."],
      ["2 offertes hebben geen leesbaar bedrag: die tellen mee in de aantallen, niet in de waarden."],
    ]);
    expect(readTable(sheet, "Waarde in andere valuta's")).toEqual([
      ["Valuta", "Aantal", "open", "geaccepteerd", "afgewezen", "verlopen"],
      ["USD", 3, 9999, 1000, 0, 500],
    ]);
    expect(readTable(sheet, "Conversie en doorlooptijd")).toEqual([
      ["Conversie op aantal", 0.4615],
      ["Conversie op waarde", 0.5236],
      ["Dagen tot besluit, mediaan", 5],
      ["Dagen tot besluit, gemiddeld", 8.2353],
      ["Aantal besluiten", 17, "1 besluit zonder bekende duur telt hier niet mee"],
      ["Conversie = geaccepteerd ÷ (geaccepteerd + afgewezen + verlopen)"],
    ]);
    expect(readTable(sheet, "Open offertes naar ouderdom")).toEqual([
      ["Sinds offertedatum", "Aantal", "Waarde", "Aandeel aantal", "Aandeel waarde"],
      ["0–7 dagen", 2, 3500.5, 0.1429, 0.2966],
      ["8–14 dagen", 3, 950.255, 0.2143, 0.0805],
      ["15–30 dagen", 4, 780, 0.2857, 0.0661],
      ["31–60 dagen", 2, 1510.1, 0.1429, 0.128],
      ["meer dan 60 dagen", 2, 5020, 0.1429, 0.4254],
      ["zonder leesbare offertedatum", 1, 40, 0.0714, 0.0034],
      ["Totaal", 14, 11_800.855, 1, 1],
    ]);
    expect(readTable(sheet, "Klanten met de meeste openstaande waarde").slice(0, 4)).toEqual([
      ["Klant", "Aantal", "Waarde", "Aandeel waarde"],
      ["I", 1, 5000, 0.4237],
      ["B", 1, 2500.5, 0.2119],
      ["A", 2, 1200.005, 0.1017],
    ]);
  });

  it("shows the last 24 months, the latest first, and the offers outside of them", async () => {
    const sheet = await readSheet("Samenvatting", fortyOffers);
    const counts = readTable(sheet, "Aantal offertes per maand van de offertedatum");
    const values = readTable(sheet, "Waarde per maand van de offertedatum");
    expect(counts).toHaveLength(28);
    expect(counts.slice(0, 3)).toEqual([
      ["Maand", "open", "geaccepteerd", "afgewezen", "verlopen", "Totaal"],
      [new Date("2026-06-01T00:00:00Z"), 8, 2, 1, undefined, 11],
      [new Date("2026-05-01T00:00:00Z"), 3, 2, 1, 4, 10],
    ]);
    expect(counts.slice(-4)).toEqual([
      [new Date("2024-07-01T00:00:00Z"), undefined, 1, undefined, undefined, 1],
      ["eerder", undefined, 1, 1, 1, 3],
      ["zonder leesbare datum", 1, undefined, undefined, undefined, 1],
      ["Totaal", 14, 12, 6, 8, 40],
    ]);
    expect(values[2]).toEqual([new Date("2026-05-01T00:00:00Z"), 1590.1, 3100.1, 800, 4600, 10_090.2]);
    expect(values.at(-1)).toEqual(["Totaal", 11_800.855, 10_001, 2999, 6100, 30_900.855]);
  });

  it("draws the months as bars on one scale, for each status", async () => {
    const xml = (await readXmlParts(await writeOffers(fortyOffers))).get("xl/worksheets/sheet2.xml") ?? "";
    expect(xml.match(/<cfvo type="num" val="0"\/><cfvo type="num" val="8"\/>/g)).toHaveLength(4);
    expect(xml.match(/<cfvo type="num" val="0"\/><cfvo type="num" val="5150.755"\/>/g)).toHaveLength(4);
    expect(xml).not.toContain("mergeCell");
  });

  it("draws bars without an extension of the file format, as long as their numbers", async () => {
    const xml = (await readXmlParts(await writeOffers(fortyOffers))).get("xl/worksheets/sheet2.xml") ?? "";
    expect(xml).not.toContain("<ext");
    expect(xml.match(/<dataBar minLength="0" maxLength="90">/g)).toHaveLength(8);
    const sheet = await readSheet("Samenvatting", fortyOffers);
    const first = findRow(sheet, "Aantal offertes per maand van de offertedatum") + 2;
    const spans = [...xml.matchAll(/<conditionalFormatting sqref="([^"]+)">/g)].map(([, span]) => span);
    const letters = ["B", "C", "D", "E"];
    expect(spans.slice(0, 4)).toEqual(letters.map((letter) => `${letter}${first}:${letter}${first + 23}`));
  });

  it("aligns its headings with the numbers, even if the first row has none", async () => {
    const sheet = await readSheet("Samenvatting", fortyOffers);
    const header = sheet.getRow(findRow(sheet, "Aantal offertes per maand van de offertedatum") + 1);
    const sides = [1, 2, 3, 4, 5, 6].map((column) => header.getCell(column).alignment.horizontal);
    expect(sides).toEqual(["left", "right", "right", "right", "right", "right"]);
  });

  it("formats euros, shares, days and months", async () => {
    const sheet = await readSheet("Samenvatting", fortyOffers);
    const status = findRow(sheet, "Per status");
    const decisions = findRow(sheet, "Conversie en doorlooptijd");
    const months = findRow(sheet, "Aantal offertes per maand van de offertedatum");
    const formats = [
      sheet.getCell("B2"),
      sheet.getCell(status + 2, 3),
      sheet.getCell(status + 3, 3),
      sheet.getCell(status + 2, 4),
      sheet.getCell(decisions + 1, 2),
      sheet.getCell(decisions + 4, 2),
      sheet.getCell(months + 2, 1),
    ].map(({ numFmt }) => numFmt);
    expect(formats).toEqual(["dd-mm-yyyy", euroMills, euro, "0.0%", "0.0%", "0.0", "[$-413]mmmm yyyy"]);
    expect(sheet.getCell(status + 6, 3).font).toMatchObject({ bold: true });
  });

  it("prints in portrait at the width of a page, with a page number, and is the first sheet", async () => {
    const book = await readWorkbook(await writeOffers(fortyOffers, "en"));
    const [sheet] = book.worksheets;
    expect(book.worksheets.map(({ name }) => name)).toEqual([
      "Summary",
      "Offers",
      "Follow up",
      "Customers",
      "About",
    ]);
    const fit = { orientation: "portrait", paperSize: 9, fitToPage: true, fitToWidth: 1, fitToHeight: 0 };
    expect(sheet?.pageSetup).toMatchObject(fit);
    for (const { headerFooter } of book.worksheets)
      expect(headerFooter.oddFooter).toBe("&L&A&RPage &P of &N");
    expect(sheet?.hasMerges).toBe(false);
    expect(book.getWorksheet("Offers")?.pageSetup.printTitlesRow).toBe("1:1");
  });

  it("reads the same without exceljs, and every part of the file is well-formed", async () => {
    const parts = await readXmlParts(await writeOffers(fortyOffers, "en"));
    for (const xml of parts.values()) expect(() => readCellTexts(xml)).not.toThrow();
    const texts = readCellTexts(parts.get("xl/worksheets/sheet2.xml") ?? "");
    expect(["A1", "A2", "A8", "A9", "B9", "A10", "B10", "C10"].map((cell) => texts.get(cell))).toEqual([
      "Offers: summary",
      "As of",
      "By status",
      "Status",
      "Offers",
      "open",
      "14",
      "11800.855",
    ]);
  });

  it.each([0, 1])("has its tables even if there are few offers (%i)", async (count) => {
    const sheet = await readSheet(
      "Summary",
      [rawOffer({ acceptedAt: "2024-05-02T12:00:00Z" })].slice(0, count),
      "en",
    );
    expect(readTable(sheet, "By status").slice(1, 3)).toEqual([
      ["open", 0, 0, count === 0 ? "–" : 0, count === 0 ? "–" : 0],
      ["accepted", count, count === 0 ? 0 : 12.95, count === 0 ? "–" : 1, count === 0 ? "–" : 1],
    ]);
    const decisions = readTable(sheet, "Conversion and time to decision");
    expect(decisions[0]).toEqual(["Conversion by count", "–"]);
    expect(decisions.at(-1)).toEqual([
      count === 0
        ? "On the as-of date, no offer had been accepted or rejected, and none had expired."
        : "Accepted: 1 of the 1 offer that was accepted, rejected or expired. A percentage needs at least 5.",
    ]);
    expect(readTable(sheet, "Customers with the most open value").at(-1)).toEqual(["No open offers"]);
  });

  it.each([
    [0, []],
    [1, ["1 decision that took an unknown number of days is not counted here"]],
    [2, ["2 decisions that took an unknown number of days are not counted here"]],
  ])("says beside the number of decisions how many it leaves out (%i)", async (untimed, aside) => {
    const decided = Array.from({ length: 5 }, (_, index) =>
      rawOffer({ [index % 2 === 0 ? "acceptedAt" : "rejectedAt"]: "2024-05-02T12:00:00Z" }),
    );
    const odd = [
      rawOffer({ issuedAt: "2024-02-30", acceptedAt: "2024-05-02T12:00:00Z" }),
      rawOffer({ rejectedAt: "ooit" }),
    ].slice(0, untimed);
    const sheet = await readSheet("Summary", [...odd, ...decided.slice(untimed)], "en");
    const decisions = readTable(sheet, "By status").slice(2, 4);
    expect(decisions.map(([status, count]) => [status, count])).toEqual([
      ["accepted", 3],
      ["rejected", 2],
    ]);
    const row = findRow(sheet, "Number of decisions");
    expect(readTable(sheet, "Conversion and time to decision")[4]).toEqual([
      "Number of decisions",
      5 - untimed,
      ...aside,
    ]);
    const alignments = aside.map((_, index) => sheet.getCell(row, 3 + index).alignment);
    expect(alignments).toEqual(aside.map(() => ({ horizontal: "left", indent: 1 })));
  });

  it("shows no currency for offers without one", async () => {
    const none = { ...rawOffer({ amount: "7.5" }), currency: null };
    const sheet = await readSheet("Samenvatting", [...fortyOffers, none]);
    const row = findRow(sheet, "zonder valuta");
    expect(sheet.getCell(row, 6).value).toBe(7.5);
    expect(sheet.getCell(row, 6).numFmt).toBe("#,##0.00");
  });

  it("keeps long names readable and amounts of any size complete", async () => {
    const customerId = `Vereniging van Eigenaars ${"Nieuwe Binnenweg ".repeat(4)}te Rotterdam`;
    const offer = rawOffer({ customerId, expiresAt: fortyAsOf, amount: "987654321098.76" });
    const sheet = await readSheet("Samenvatting", [offer]);
    const name = sheet.getCell(findRow(sheet, "Klanten met de meeste openstaande waarde") + 2, 1);
    expect(name.value).toBe(`${customerId.slice(0, 44)}…`);
    expect(name.alignment).toEqual({ shrinkToFit: true });
    expect(sheet.getCell(name.row, 3).alignment).toEqual({ horizontal: "right", shrinkToFit: true });
  });

  it("has room for its words in both languages", () => {
    for (const language of ["nl", "en"] as const) {
      const { summary, followUp } = buildClosingSheets({
        language,
        rows: makeRows(fortyOffers, fortyAsOf),
        asOf: fortyAsOf,
      });
      for (const { facts, tables, widthsChars } of [summary, followUp]) {
        for (const { label } of facts) expect(label.length).toBeLessThan(widthsChars[0] ?? 0);
        for (const table of tables) {
          const labels = table.rows.flatMap(([field]) => (field?.type === "text" ? field.text : []));
          for (const label of labels) expect(label.length).toBeLessThanOrEqual(widthsChars[0] ?? 0);
          for (const [index, heading] of table.columns.entries()) {
            expect(heading.length).toBeLessThanOrEqual(widthsChars[index] ?? 0);
          }
        }
      }
    }
  });
});

describe("the sheet of offers to follow up", () => {
  it.each([
    [
      "nl",
      "Opvolgen",
      ["Offertenummer", "Klant", "Bedrag", "Geldig t/m", "Resterende dagen"],
      ["Totaal", "onbekend"],
      "Het totaal telt alle offertes, maar alleen de bedragen in EUR; andere valuta's staan onderaan.",
    ],
    [
      "en",
      "Follow up",
      ["Offer number", "Customer", "Amount", "Valid through", "Days left"],
      ["Total", "unknown"],
      "The total counts all offers, and the amounts in EUR; other currencies stand at the end.",
    ],
  ] as const)(
    "lists in %s the offers that expire soon, the most valuable first",
    async (language, name, heads, words, note) => {
      const offers = fortyOffers.map((offer) =>
        offer["offerNumber"] === "O-13" ? { ...offer, expiresAt: "2026-07-07" } : offer,
      );
      const sheet = await readSheet(name, offers, language);
      const [total, unknown] = words;
      const day = (text: string) => new Date(`${text}T00:00:00Z`);
      expect(readTable(sheet, locales[language].followUp.expiring)).toEqual([
        [...heads],
        ["O-02", "B", 2500.5, day("2026-06-30"), 0],
        ["O-04", "D", 450.25, day("2026-07-01"), 1],
        ["O-12", "L", 9999, day("2026-07-05"), 5],
        ["O-13", "A", unknown, day("2026-07-07"), 7],
        [total, 4, 2950.75],
        [note],
      ]);
      const expired = readTable(sheet, locales[language].followUp.expired).slice(1);
      expect(expired.map(([number, , amount, , days]) => [number, amount, days])).toEqual([
        ["E-02", 3300, 14],
        ["E-01", 1200, 1],
        ["E-04", 500, 2],
        [total, 4500, undefined],
        [note, undefined, undefined],
      ]);
      const first = findRow(sheet, "O-12");
      expect(sheet.getCell(first, 3).numFmt).toBe("[$USD] #,##0.00;[$USD] -#,##0.00");
    },
  );

  it("says when it was shortened, and when there is nothing to follow up", async () => {
    const many = Array.from({ length: 600 }, (_, index) =>
      rawOffer({ offerNumber: `n${index}`, expiresAt: fortyAsOf, amount: `${index}` }),
    );
    const table = readTable(await readSheet("Opvolgen", many), locales.nl.followUp.expiring);
    expect(table).toHaveLength(503);
    expect(table.slice(-2)).toEqual([
      ["Totaal", 600, 179_700],
      ["Van de 600 offertes staan hier de 500 met de hoogste waarde."],
    ]);
    const none = readTable(await readSheet("Opvolgen", []), locales.nl.followUp.expired);
    expect(none.slice(1)).toEqual([["Geen offertes"]]);
  });
});

describe("a status", () => {
  it("has the fill of its colour in addition to its word", async () => {
    const sheet = await readSheet("Offertes", fortyOffers);
    const number = columns.findIndex(({ name }) => name === "status") + 1;
    const fills = new Map<unknown, string>();
    for (let row = 2; row <= 41; row += 1) {
      const { value, fill } = sheet.getCell(row, number);
      fills.set(value, fill.type === "pattern" ? (fill.fgColor?.argb ?? "") : "");
    }
    for (const status of statuses) {
      const fill = fills.get(locales.nl.statuses[status]);
      expect(fill).toBe(`FF${statusColours[status].fill.slice(1).toUpperCase()}`);
    }
  });
});
