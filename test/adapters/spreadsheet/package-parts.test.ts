import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { type Language, languages } from "../../../functions/core/basics/languages.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { statusColours } from "../../../functions/core/offer/status-colours.ts";
import type { Column } from "../../../functions/core/report/columns.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { scaleRuns } from "../../support/property-runs.ts";
import { buildClosingSheets, makeRows, peopleColumns, streamRows } from "../../support/report-fixtures.ts";
import { collectBytes } from "../../support/test-streams.ts";
import {
  listElements,
  offersRange,
  readCellTexts,
  readXmlParts,
  type XmlElement,
} from "../../support/workbook-reader.ts";

const calendar = createCalendar("Europe/Amsterdam");

type Given = { language?: Language; maxRows?: number; columns?: Column[]; headings?: Record<string, string> };
type Parts = Map<string, string>;

async function writeParts(offers: Record<string, unknown>[], given: Given = {}): Promise<Parts> {
  const { language = "nl", columns = peopleColumns, headings = {}, ...rest } = given;
  const locale = { ...locales[language], headings: { ...locales[language].headings, ...headings } };
  const rows = makeRows(offers, fortyAsOf);
  const closing = () => buildClosingSheets({ rows, language, asOf: fortyAsOf });
  const layout = { columns, calendar, locale, closing, ...rest };
  return await readXmlParts(await collectBytes((sink) => writeXlsx(streamRows(rows), sink, layout)));
}

function readPart(parts: Parts, name: string): XmlElement[] {
  const xml = parts.get(name);
  if (xml === undefined) throw new Error(`no part ${name}`);
  return listElements(xml);
}

function find(elements: XmlElement[], name: string): XmlElement[] {
  return elements.filter((element) => element.name === name);
}

/** Lists a part's relationships: the ids, and the names of the parts that they lead to. */
function listRelationships(parts: Parts, name: string): { id: string; type: string; target: string }[] {
  const folder = posix.dirname(name);
  const xml = parts.get(posix.join(folder, "_rels", `${posix.basename(name)}.rels`));
  return find(xml === undefined ? [] : listElements(xml), "Relationship").map(({ attributes }) => ({
    id: attributes["Id"] ?? "",
    type: posix.basename(attributes["Type"] ?? ""),
    target: posix.join(folder, attributes["Target"] ?? ""),
  }));
}

/** Returns the parts of a type to which a part leads. */
function follow(parts: Parts, name: string, type: string): string[] {
  return listRelationships(parts, name)
    .filter((relationship) => relationship.type === type)
    .map(({ target }) => target);
}

/** Returns the names of the parts of the sheets, by the names of the sheets in the order of the tabs. */
function listSheets(parts: Parts): Map<string, string> {
  const relationships = listRelationships(parts, "xl/workbook.xml");
  return new Map(
    find(readPart(parts, "xl/workbook.xml"), "sheet").map(({ attributes }) => [
      attributes["name"] ?? "",
      relationships.find(({ id }) => id === attributes["r:id"])?.target ?? "",
    ]),
  );
}

const samples = [
  ["no offers", [], {}],
  ["offers on one sheet", fortyOffers, {}],
  ["offers on three sheets", fortyOffers, { maxRows: 15 }],
] as const;

describe.each(samples)("the package of a workbook with %s", (_name, offers, given) => {
  it("has relationships that lead to its parts, and to each of them", async () => {
    const parts = await writeParts([...offers], given);
    const reached = [...parts.keys(), ""].flatMap((name) => {
      const relationships = listRelationships(parts, name);
      const elements = name === "" ? [] : listElements(parts.get(name) ?? "");
      const ids = elements.flatMap(({ attributes }) => attributes["r:id"] ?? []);
      const known = new Set(relationships.map(({ id }) => id));
      expect(ids.filter((id) => !known.has(id))).toEqual([]);
      expect(known.size).toBe(relationships.length);
      return relationships.map(({ target }) => target);
    });
    const others = [...parts.keys()].filter((name) => !name.includes("_rels/") && !name.startsWith("["));
    expect(new Set(reached)).toEqual(new Set(others));
    expect(reached).toHaveLength(others.length);
  });

  it("states the content type of each part", async () => {
    const parts = await writeParts([...offers], given);
    const overrides = find(readPart(parts, "[Content_Types].xml"), "Override").map(({ attributes }) => [
      attributes["PartName"]?.slice(1) ?? "",
      attributes["ContentType"]?.split(".").at(-1) ?? "",
    ]);
    const types = new Map(overrides.map(([name = "", type = ""]) => [name, type]));
    expect(types.size).toBe(overrides.length);
    const others = [...parts.keys()].filter((name) => !name.includes("_rels/") && !name.startsWith("["));
    expect(new Set(types.keys())).toEqual(new Set(others));
    for (const name of listSheets(parts).values()) {
      for (const table of follow(parts, name, "table")) expect(types.get(table)).toBe("table+xml");
      for (const drawing of follow(parts, name, "drawing")) {
        expect(types.get(drawing)).toBe("drawing+xml");
        for (const chart of follow(parts, drawing, "chart")) expect(types.get(chart)).toBe("chart+xml");
      }
    }
  });

  it("has a part's elements in the order of the schema", async () => {
    const parts = await writeParts([...offers], given);
    const order = ["sheetData", "conditionalFormatting", "pageMargins", "headerFooter", "rowBreaks"];
    const last = ["drawing", "tableParts"];
    for (const name of listSheets(parts).values()) {
      const names = readPart(parts, name).map((element) => element.name);
      const places = [...order, ...last].map((one) => names.indexOf(one)).filter((place) => place >= 0);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
    for (const font of (parts.get("xl/styles.xml") ?? "").match(/<font>.*?<\/font>/g) ?? []) {
      const names = font.match(/(?<=<)\w+/g) ?? [];
      expect(names.slice(-5)).toEqual(["sz", "color", "name", "family", "scheme"]);
    }
  });
});

/** Reads the tables of the sheets of offers, with the texts of the sheet's cells. */
function readTables(parts: Parts) {
  const sheets = [...listSheets(parts)].filter(([title]) => /^(Offertes|Offers)/.test(title));
  return sheets.flatMap(([, name]) =>
    follow(parts, name, "table").map((part) => {
      const elements = readPart(parts, part);
      const [table] = elements;
      return {
        id: table?.attributes["id"],
        name: table?.attributes["displayName"],
        range: table?.attributes["ref"],
        filter: find(elements, "autoFilter").map(({ attributes }) => attributes["ref"]),
        columns: find(elements, "tableColumn").map(({ attributes }) => attributes["name"]),
        cells: readCellTexts(parts.get(name) ?? ""),
        sheet: readPart(parts, name),
      };
    }),
  );
}

describe("the table of offers", () => {
  it.each([
    ["nl", "Offertes"],
    ["en", "Offers"],
  ] as const)("is over the header and all rows of each sheet (%s)", async (language, name) => {
    const tables = readTables(await writeParts(fortyOffers, { language, maxRows: 15 }));
    expect(tables.map((table) => [table.name, table.range, table.filter])).toEqual([
      [name, offersRange(16), [offersRange(16)]],
      [`${name}_2`, offersRange(16), [offersRange(16)]],
      [`${name}_3`, offersRange(11), [offersRange(11)]],
    ]);
    expect(new Set(tables.map(({ id }) => id)).size).toBe(3);
    for (const { cells, sheet } of tables) {
      const rows = [...cells.keys()].map((cell) => Number(/\d+/.exec(cell)));
      expect(offersRange(Math.max(...rows))).toBe(tables.find((one) => one.cells === cells)?.range);
      expect(find(sheet, "autoFilter")).toEqual([]);
    }
  });

  it("has an empty row when there are no offers", async () => {
    const [table] = readTables(await writeParts([]));
    expect(table?.range).toBe(offersRange(2));
    expect([...(table?.cells.keys() ?? [])].filter((cell) => !cell.endsWith("1"))).toEqual([]);
  });

  it("has the columns of the report in their order, with the texts of the header", async () => {
    const columns = peopleColumns.toReversed().slice(3, 8);
    const headings = { offerId: 'Id & "nr" <1>', currency: "Valuta '€'" };
    const [table] = readTables(await writeParts(fortyOffers, { columns, headings }));
    expect(table?.range).toBe("A1:E41");
    const header = ["A1", "B1", "C1", "D1", "E1"].map((cell) => table?.cells.get(cell));
    expect(table?.columns).toEqual(header);
    expect(header).toEqual(columns.map(({ name }) => ({ ...locales.nl.headings, ...headings })[name]));
    const all = readTables(await writeParts([], { columns: peopleColumns, headings }));
    expect(all[0]?.columns).toContain(headings.offerId);
    expect(all[0]?.columns).toContain(headings.currency);
  });

  it("leaves no name of a sheet's filter in the workbook", async () => {
    const parts = await writeParts(fortyOffers);
    const names = find(readPart(parts, "xl/workbook.xml"), "definedName");
    expect(new Set(names.map(({ attributes }) => attributes["name"]))).toEqual(
      new Set(["_xlnm.Print_Titles"]),
    );
  });

  it("has different names of columns in every language, also without regard to case", () => {
    for (const language of languages) {
      const names = Object.values(locales[language].headings).map((name) => name.toLowerCase());
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

/** Returns the texts of the cells to which a formula refers, such as `'Blad'!$A$2:$A$4`. */
function resolve(parts: Parts, formula: string): (string | undefined)[] {
  const match = /^'(.+)'!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?$/.exec(formula);
  if (match === null) throw new Error(`no reference: ${formula}`);
  const [, sheet = "", letters = "", first = "", lastLetters = letters, last = first] = match;
  expect(lastLetters).toBe(letters);
  const cells = readCellTexts(parts.get(listSheets(parts).get(sheet) ?? "") ?? "");
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: count }, (_, index) => cells.get(`${letters}${Number(first) + index}`));
}

type Cells = { formula: string; cached: (string | undefined)[] };

/** Reads the references in a chart's part, each with its cached texts, in the order of the part. */
function readReferences(elements: XmlElement[]): Cells[] {
  const references: Cells[] = [];
  let index = 0;
  for (const { name, text, attributes } of elements) {
    const last = references.at(-1);
    if (name === "c:f") references.push({ formula: text, cached: [] });
    if (name === "c:ptCount" && last) last.cached = Array.from({ length: Number(attributes["val"]) });
    if (name === "c:pt") index = Number(attributes["idx"]);
    if (name === "c:v" && last) last.cached[index] = text;
  }
  return references;
}

type ReadChart = {
  title: string;
  colours: string[];
  /** For each series: the references to its name, its months and its numbers. */
  series: Cells[][];
  elements: XmlElement[];
};

/** Reads the charts of the summary, from left to right. */
function readCharts(parts: Parts): { charts: ReadChart[]; drawing: XmlElement[] } {
  const [sheet = ""] = listSheets(parts).values();
  const [part] = follow(parts, sheet, "drawing");
  if (part === undefined) return { charts: [], drawing: [] };
  const drawing = readPart(parts, part);
  const relationships = listRelationships(parts, part);
  const charts = find(drawing, "c:chart").map(({ attributes }) => {
    const target = relationships.find(({ id }) => id === attributes["r:id"])?.target ?? "";
    const elements = readPart(parts, target);
    const references = readReferences(elements);
    const count = find(elements, "c:ser").length;
    return {
      title: find(elements, "a:t")
        .map(({ text }) => text)
        .join(""),
      colours: elements
        .filter(({ path }) => path.endsWith("c:ser/c:spPr/a:solidFill/a:srgbClr"))
        .map((element) => element.attributes["val"] ?? ""),
      series: Array.from({ length: count }, (_, index) => references.slice(index * 3, index * 3 + 3)),
      elements,
    };
  });
  return { charts, drawing };
}

/** Returns the value of an element such as `<c:crosses val="max"/>` below another one. */
function readSetting({ elements }: ReadChart, path: string): string | undefined {
  return elements.find((element) => element.path.endsWith(path))?.attributes["val"];
}

describe("the charts of the summary", () => {
  it.each([
    ["nl", "Aantal offertes per maand van de offertedatum", "Waarde per maand van de offertedatum (EUR)"],
    ["en", "Number of offers by month of issue", "Value by month of issue (EUR)"],
  ] as const)("show the months of both tables, by status (%s)", async (language, counts, values) => {
    const parts = await writeParts(fortyOffers, { language });
    const { charts } = readCharts(parts);
    expect(charts.map(({ title }) => title)).toEqual([counts, values]);
    const { statuses } = locales[language];
    for (const { series, colours } of charts) {
      const names = series.map(([name]) => resolve(parts, name?.formula ?? "")[0]);
      expect(names).toEqual([statuses.accepted, statuses.open, statuses.expired, statuses.rejected]);
      const { accepted, open, expired, rejected } = statusColours;
      expect(colours).toEqual([accepted, open, expired, rejected].map(({ strong }) => strong.slice(1)));
      for (const [, months, numbers] of series) {
        expect(months?.cached).toHaveLength(24);
        expect(numbers?.cached).toHaveLength(24);
      }
    }
  });

  it("are tied to cells with the numbers that they show, whatever the offers", async () => {
    const day = fc.date({ min: new Date("2023-01-01"), max: new Date("2026-12-31"), noInvalidDate: true });
    const offer = fc.record({
      issuedAt: fc.oneof(
        day.map((date) => date.toISOString().slice(0, 10)),
        fc.constant("onbekend"),
      ),
      expiresAt: fc.constantFrom("2026-01-01", "2027-01-01"),
      acceptedAt: fc.constantFrom(null, "2026-02-01T12:00:00Z"),
      currency: fc.constantFrom("EUR", "EUR", "USD", null),
      amount: fc.constantFrom("1", "-20.5", "0.001", "12345678901234567890", "op aanvraag"),
    });
    const holds = async (offers: Record<string, unknown>[], language: Language) => {
      const parts = await writeParts(offers.map(rawOffer), { language });
      for (const { series } of readCharts(parts).charts) {
        expect(series.length).toBeGreaterThan(0);
        for (const [name, months, numbers] of series) {
          for (const cells of [name, months, numbers]) {
            const texts = resolve(parts, cells?.formula ?? "");
            const shown = texts.map((text) => (cells === numbers && isText(text) ? undefined : text));
            expect(cells?.cached).toEqual(shown);
          }
          const dates = months?.cached.map(Number) ?? [];
          expect(dates).toEqual(dates.toSorted((a, b) => b - a));
        }
      }
    };
    const property = fc.asyncProperty(
      fc.array(offer, { maxLength: 12 }),
      fc.constantFrom(...languages),
      holds,
    );
    await fc.assert(property, { numRuns: scaleRuns(25) });
  });

  it("count all offers of the months, and none of other dates", async () => {
    const { charts } = readCharts(await writeParts(fortyOffers));
    const sum = (chart: ReadChart | undefined) =>
      (chart?.series ?? [])
        .flatMap(([, , numbers]) => numbers?.cached ?? [])
        .reduce((total, text) => total + Number(text ?? 0), 0);
    const outside = 4;
    expect(sum(charts[0])).toBe(40 - outside);
    expect(sum(charts[1])).toBeLessThan(30_900.855);
  });

  it("run from the earliest month on the left to the latest, with the value axis on the left", async () => {
    const { charts } = readCharts(await writeParts(fortyOffers));
    for (const chart of charts) {
      expect(readSetting(chart, "c:catAx/c:scaling/c:orientation")).toBe("maxMin");
      expect(readSetting(chart, "c:catAx/c:auto")).toBe("0");
      expect(readSetting(chart, "c:valAx/c:crosses")).toBe("max");
      expect(readSetting(chart, "c:grouping")).toBe("stacked");
      const format = (axis: string) =>
        chart.elements.find(({ path }) => path.endsWith(`${axis}/c:numFmt`))?.attributes["formatCode"];
      expect(format("c:catAx")).toBe("[$-413]mmm yyyy");
      expect(format("c:valAx")).toBe("#,##0");
    }
  });

  it("have whole numbers on the axis when there are few offers", async () => {
    const few = readCharts(await writeParts([rawOffer({ issuedAt: "2026-06-01", amount: "900" })]));
    expect(few.charts.map((chart) => readSetting(chart, "c:majorUnit"))).toEqual(["1", undefined]);
    const opposite = ["900", "-900"].map((amount) => rawOffer({ issuedAt: "2026-06-01", amount }));
    const [, values] = readCharts(await writeParts(opposite)).charts;
    expect(values && readSetting(values, "c:majorUnit")).toBeUndefined();
    const many = readCharts(await writeParts(fortyOffers));
    expect(many.charts.map((chart) => readSetting(chart, "c:majorUnit"))).toEqual([undefined, undefined]);
  });

  it("stand below the table of statuses on the first page, side by side, and over no cell", async () => {
    const parts = await writeParts(fortyOffers);
    const { drawing } = readCharts(parts);
    const [name = ""] = listSheets(parts).values();
    const cells = readCellTexts(parts.get(name) ?? "");
    const rows = [...cells.keys()].map((cell) => Number(/\d+/.exec(cell)));
    const corners = (path: string) =>
      drawing.filter((element) => element.path.endsWith(path)).map(({ text }) => Number(text));
    const [top = 0, otherTop] = corners("xdr:from/xdr:row");
    const [bottom = 0, otherBottom] = corners("xdr:to/xdr:row");
    expect([otherTop, otherBottom]).toEqual([top, bottom]);
    expect(rows.filter((row) => row > top && row <= bottom)).toEqual([]);
    expect(cells.get(`A${top - 3}`)).toBe("Totaal");
    const [rowBreak] = find(readPart(parts, name), "brk");
    expect(bottom).toBeLessThan(Number(rowBreak?.attributes["id"]));
    const [leftEnd, rightEnd] = corners("xdr:to/xdr:col");
    const [leftStart, rightStart] = corners("xdr:from/xdr:col");
    expect([leftStart, rightStart, leftEnd]).toEqual([0, 2, 2]);
    const [leftOffset = 0] = corners("xdr:to/xdr:colOff");
    const [, rightOffset = 0] = corners("xdr:from/xdr:colOff");
    expect(rightOffset).toBeGreaterThan(leftOffset);
    expect(rightEnd).toBe(5);
  });

  it("are described for readers who do not see them", async () => {
    for (const language of languages) {
      const { drawing } = readCharts(await writeParts(fortyOffers, { language }));
      const { describeChart, monthlyCounts, monthlyValues } = locales[language].summary;
      expect(find(drawing, "xdr:cNvPr").map(({ attributes }) => attributes["descr"])).toEqual(
        [monthlyCounts, monthlyValues].map(describeChart),
      );
    }
  });

  it("are left out without offers in the months, and the values without amounts", async () => {
    const title = (offers: Record<string, unknown>[]) =>
      writeParts(offers).then((parts) => readCharts(parts).charts.map((chart) => chart.title));
    expect(await title([])).toEqual([]);
    expect(await title([rawOffer({ issuedAt: "2019-01-01" })])).toEqual([]);
    expect(await title([rawOffer({ issuedAt: "2026-01-01", amount: null })])).toEqual([
      locales.nl.summary.monthlyCounts,
    ]);
  });

  it("name any currency in one short line", async () => {
    const currency = `<b>&\n${"x".repeat(50)}`;
    const { charts } = readCharts(await writeParts([rawOffer({ issuedAt: "2026-06-01", currency })]));
    expect(charts[1]?.title).toMatch(/^Waarde per maand van de offertedatum \(<b>&x+…\)$/i);
  });
});

function isText(text: string | undefined): boolean {
  return text !== undefined && String(Number(text)) !== text;
}
