import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { writeCsv } from "../../../functions/adapters/spreadsheet/csv-writer.ts";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { type ColumnName, machineOrder } from "../../../functions/core/options/column-order.ts";
import { listColumns } from "../../../functions/core/report/columns.ts";
import type { Row } from "../../../functions/core/report/report-row.ts";
import { buildClosingSheets, buildRow, streamRows } from "../../support/report-fixtures.ts";
import { readTableRanges, readWorkbook, readXmlParts } from "../../support/workbook-reader.ts";
import { collectBytes } from "../../support/test-streams.ts";

const calendar = createCalendar("Europe/Amsterdam");
const dialects = ["machine", "excel"] as const;

/** Rows of which each cell differs from the cells of the other columns, and a row with few cells. */
const rows: Row[] = [
  buildRow({
    decidedAt: Date.UTC(2024, 9, 9, 22, 30, 5),
    daysToDecision: 5,
    createdAt: Date.UTC(2024, 8, 1, 12),
    acceptedViaIp: "192.0.2.1",
    acceptedViaUserAgent: "Firefox",
    remarks: [{ code: "bothDecided" }],
  }),
  buildRow({ customerName: null, amount: null, currency: null, issuedAt: null, daysOpen: null }),
];

function makeLayout(columns: ColumnName[] | null) {
  return {
    columns: listColumns({ dialect: null, evidence: true, columns }),
    calendar,
    locale: locales.nl,
    closing: () => buildClosingSheets(),
  };
}

type Table = { header: unknown[]; cells: unknown[][] };

async function readCsv(columns: ColumnName[] | null, dialect: (typeof dialects)[number]): Promise<Table> {
  const layout = { ...makeLayout(columns), dialect };
  const text = (await collectBytes((sink) => writeCsv(streamRows(rows), sink, layout))).toString();
  const delimiter = dialect === "excel" ? ";" : ",";
  const { data } = Papa.parse<string[]>(text, { delimiter, newline: "\r\n" });
  const [header = [], ...cells] = data.slice(0, -1);
  return { header, cells };
}

async function readXlsx(columns: ColumnName[] | null): Promise<Table> {
  const bytes = await collectBytes((sink) => writeXlsx(streamRows(rows), sink, makeLayout(columns)));
  const sheet = (await readWorkbook(bytes)).getWorksheet("Offertes");
  const read = (number: number) =>
    (columns ?? machineOrder).map((_, index) => sheet?.getCell(number, index + 1).value ?? null);
  return { header: read(1), cells: rows.map((_, index) => read(index + 2)) };
}

/** Returns the table with the chosen columns only, in their order. */
function choose({ header, cells }: Table, all: ColumnName[], chosen: ColumnName[]): Table {
  const take = (line: unknown[]) => chosen.map((name) => line[all.indexOf(name)]);
  return { header: take(header), cells: cells.map(take) };
}

const namesOf = (columns: ColumnName[] | null) => makeLayout(columns).columns.map(({ name }) => name);
const choice = fc.shuffledSubarray([...machineOrder], { minLength: 1 });

describe("a file with chosen columns", () => {
  it("has exactly these columns of the whole file, in their order, in every format", async () => {
    const whole = {
      machine: await readCsv(null, "machine"),
      excel: await readCsv(null, "excel"),
      xlsx: await readXlsx(null),
    };
    await fc.assert(
      fc.asyncProperty(choice, async (chosen) => {
        for (const dialect of dialects)
          expect(await readCsv(chosen, dialect)).toEqual(choose(whole[dialect], namesOf(null), chosen));
        expect(await readXlsx(chosen)).toEqual(choose(whole.xlsx, namesOf(null), chosen));
      }),
      { numRuns: 60 },
    );
  });

  it.each(dialects)("has no blank line for an empty cell without neighbours (%s)", async (dialect) => {
    const layout = { ...makeLayout(["customerName"]), dialect };
    const bytes = await collectBytes((sink) => writeCsv(streamRows(rows), sink, layout));
    expect(bytes.toString().split("\r\n").slice(1)).toEqual(["Bakkerij De Vries", '""', ""]);
  });
});

describe("a sheet with chosen columns", () => {
  /** Reads how each sheet of offers is frozen, and the range of its table. */
  async function readSheets(columns: ColumnName[], maxRows?: number) {
    const layout = { ...makeLayout(columns), ...(maxRows !== undefined && { maxRows }) };
    const bytes = await collectBytes((sink) => writeXlsx(streamRows(rows), sink, layout));
    const panes = [...(await readXmlParts(bytes)).values()].flatMap((xml) => xml.match(/<pane [^>]*>/) ?? []);
    const sheets = (await readWorkbook(bytes)).worksheets.filter(({ name }) => name.startsWith("Offertes"));
    return { panes: panes.slice(0, sheets.length), tables: sheets.flatMap(readTableRanges) };
  }

  it.each<[columns: ColumnName[], frozen: number]>([
    [["amount", "status", "offerNumber"], 2],
    [["amount", "status"], 1],
    [["amount"], 0],
    [["offerNumber", "remarks", "amount"], 1],
    [["customerName", "acceptedViaUserAgent", "amount"], 1],
    [["offerNumber", "acceptedViaUserAgent", "amount"], 2],
  ])("keeps the first columns in view, and leaves room for others: %j", async (columns, frozen) => {
    const split = frozen === 0 ? "" : `xSplit="${frozen}" `;
    const pane = frozen === 0 ? "bottomLeft" : "bottomRight";
    const topLeft = `${"ABC"[frozen]}2`;
    expect((await readSheets(columns)).panes).toEqual([
      `<pane ${split}ySplit="1" topLeftCell="${topLeft}" activePane="${pane}" state="frozen"/>`,
    ]);
  });

  it("freezes the same columns on each sheet, and makes a table of the chosen columns", async () => {
    const { panes, tables } = await readSheets(["amount", "status", "offerId"], 1);
    expect(new Set(panes).size).toBe(1);
    expect(panes).toHaveLength(2);
    expect(tables).toEqual(["A1:C2", "A1:C2"]);
  });
});
