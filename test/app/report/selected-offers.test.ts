import type { Workbook } from "exceljs";
import { describe, expect, it } from "vitest";
import { writeReport } from "../../../functions/app/report/write-report.ts";
import { fileKey } from "../../../functions/core/basics/bucket-keys.ts";
import { newNameLookup } from "../../../functions/core/customer/name-lookup.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { writeSnapshot } from "../../support/snapshot-fixtures.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { listElements, readWorkbook, readXmlParts } from "../../support/workbook-reader.ts";
import { queueExport } from "../../support/workflow-runs.ts";

const none = undefined;
const { summary, followUp, filter, customers } = locales.nl;

/** Opens the workbook about the forty offers, as far as the query selects them. */
async function openReport(query: string, offers = fortyOffers): Promise<Workbook> {
  return await readWorkbook(await writeWorkbook(query, offers));
}

async function writeWorkbook(query: string, offers = fortyOffers): Promise<Buffer> {
  const { app } = await openVirtualStack(await openVirtualPortal({}));
  await writeSnapshot(app.bucket, offers, { id: "forty", at: "2026-06-30T20:00:00.000Z" });
  const { id } = await queueExport(app, `customers=false&asOf=${fortyAsOf}&${query}`);
  const written = await writeReport(app, { id, snapshotId: "forty", naming: newNameLookup });
  if (written === null) throw new Error("there is no report");
  const { name, attempt } = written.result.file;
  return Buffer.from((await app.bucket.readBytes(fileKey(id, name, attempt ?? null))) ?? []);
}

/** Reads the cells of a sheet, without those on the right that are empty. */
function readRows(book: Workbook, name: string): unknown[][] {
  const sheet = book.getWorksheet(name);
  return Array.from({ length: sheet?.rowCount ?? 0 }, (_, index) => {
    const values = sheet?.getRow(index + 1).values;
    return Array.isArray(values) ? values.slice(1) : [];
  });
}

/** Reads the rows of a table, from the one below its heading to the next empty one. */
function readTable(book: Workbook, name: string, heading: string): unknown[][] {
  const rows = readRows(book, name);
  const below = rows.slice(rows.findIndex(([cell]) => cell === heading) + 1);
  return below.slice(0, below.findIndex((cells) => cells.length === 0) >>> 0);
}

function readTexts(book: Workbook): string[] {
  const names = [summary, followUp, customers].map(({ sheetName }) => sheetName);
  return names.flatMap((name) => readRows(book, name).flat()).filter((cell) => typeof cell === "string");
}

const readSummary = (book: Workbook, heading: string) => readTable(book, summary.sheetName, heading);
const readFollowUp = (book: Workbook, heading: string) => readTable(book, followUp.sheetName, heading);
const readCustomers = (book: Workbook) => readRows(book, customers.sheetName).slice(5);

describe("the workbook of the accepted offers", () => {
  it("has neither a conversion nor figures about offers that it leaves out", async () => {
    const book = await openReport("status=accepted");
    expect(readSummary(book, "Per status").slice(0, 3)).toEqual([
      ["Status", "Aantal", "Waarde", "Aandeel aantal", "Aandeel waarde"],
      ["geaccepteerd", 12, 10_001, 1, 1],
      ["Totaal", 12, 10_001, 1, 1],
    ]);
    expect(readSummary(book, summary.decisions)).toEqual([
      ["Conversie op aantal", "–"],
      ["Conversie op waarde", "–"],
      ["Dagen tot besluit, mediaan", 4],
      ["Dagen tot besluit, gemiddeld", 7.3636],
      ["Aantal besluiten", 11, "1 besluit zonder bekende duur telt hier niet mee"],
      [summary.conversionNeeds],
    ]);
    expect(readSummary(book, summary.ageing)).toEqual([[filter.leftOut.open]]);
    expect(readSummary(book, summary.customers)).toEqual([[filter.leftOut.open]]);
    expect(readSummary(book, summary.monthlyCounts)[0]).toEqual(["Maand", "geaccepteerd", "Totaal"]);
    expect(readFollowUp(book, followUp.expiring)).toEqual([[filter.leftOut.open]]);
    expect(readFollowUp(book, followUp.expired)).toEqual([[filter.leftOut.expired]]);
  });

  it("has columns for these offers alone on the sheet of customers, and no conversion", async () => {
    const [headings, first, ...rows] = readCustomers(await openReport("status=accepted"));
    expect(headings).toEqual([
      "Klant",
      "Aantal geaccepteerd",
      "Waarde geaccepteerd",
      "Aantal totaal",
      "Waarde totaal",
      "Conversie op aantal",
      "Conversie op waarde",
      "Laatste offerte",
    ]);
    expect(first?.slice(0, 7)).toEqual(["A", 1, 1000, 1, 1000, "–", "–"]);
    expect(rows.at(11)?.slice(0, 7)).toEqual(["Totaal", 12, 10_001, 12, 10_001, "–", "–"]);
    expect(rows.at(-1)).toEqual([summary.conversionNeeds]);
  });
});

describe("the workbook of a selection of statuses", () => {
  it("has a conversion when only open offers are left out", async () => {
    const book = await openReport("status=rejected,expired,accepted");
    expect(readSummary(book, summary.decisions)[0]).toEqual(["Conversie op aantal", 0.4615]);
    expect(
      readSummary(book, "Per status")
        .slice(1, 4)
        .map(([status]) => status),
    ).toEqual(["geaccepteerd", "afgewezen", "verlopen"]);
    expect(readFollowUp(book, followUp.expired)).toHaveLength(6);
  });

  it("has no number of decisions when it leaves out decided offers", async () => {
    const book = await openReport("status=open,expired");
    expect(readSummary(book, summary.decisions).slice(0, 5)).toEqual([
      ["Conversie op aantal", "–"],
      ["Conversie op waarde", "–"],
      ["Dagen tot besluit, mediaan", "–"],
      ["Dagen tot besluit, gemiddeld", "–"],
      ["Aantal besluiten", "–"],
    ]);
  });
});

/** Lists the statuses that have a column in a chart of the workbook, from the bottom up. */
async function listCharted(query: string): Promise<string[]> {
  const parts = await readXmlParts(await writeWorkbook(query));
  const [, xml = "<none/>"] = [...parts].find(([name]) => name.includes("charts/chart")) ?? [];
  return listElements(xml)
    .filter(({ path }) => path.endsWith("ser/c:tx/c:strRef/c:strCache/c:pt/c:v"))
    .map(({ text }) => text);
}

it.each([
  ["status=accepted", ["geaccepteerd"]],
  ["status=open,rejected", ["open", "afgewezen"]],
  ["period=2026", ["geaccepteerd", "open", "verlopen", "afgewezen"]],
  ["period=2026-05", []],
])("a workbook charts the offers of its selection, if it has several months (%s)", async (query, charted) => {
  expect(await listCharted(query)).toEqual(charted);
});

describe("the workbook of a period", () => {
  it("has the months of the period, and mentions the offer without a date", async () => {
    const book = await openReport("period=2026-05");
    expect(readSummary(book, summary.decisions)[0]).toEqual(["Conversie op aantal", 0.2857]);
    expect(readSummary(book, summary.monthlyCounts).slice(1)).toEqual([
      [new Date("2026-05-01T00:00:00Z"), 3, 2, 1, 4, 10],
      ["zonder leesbare datum", 1, undefined, undefined, undefined, 1],
      ["Totaal", 4, 2, 1, 4, 11],
    ]);
    expect(readSummary(book, "Per status").at(6)).toEqual([summary.describeUndated(1)]);
    expect(readFollowUp(book, followUp.expiring).at(-1)).toEqual([followUp.none.selection]);
  });

  it.each(["2019-03", "2024-06", "2026-05", "2027-01"])(
    "without offers has its month, with totals of zero (%s)",
    async (period) => {
      const book = await openReport(`period=${period}`, []);
      const month = new Date(`${period}-01T00:00:00Z`);
      for (const heading of [summary.monthlyCounts, summary.monthlyValues])
        expect(readSummary(book, heading).slice(1)).toEqual([
          [month, none, none, none, none, 0],
          ["Totaal", 0, 0, 0, 0, 0],
        ]);
      expect(readSummary(book, "Per status").at(5)).toEqual(["Totaal", 0, 0, "–", "–"]);
    },
  );

  it("that has passed long since has the offers of each month", async () => {
    const book = await openReport("period=2024-04", [
      rawOffer({ issuedAt: "2024-04-30", amount: "7.00" }),
      rawOffer({ issuedAt: "2024-05-01" }),
    ]);
    expect(readSummary(book, summary.monthlyValues).slice(1)).toEqual([
      [new Date("2024-04-01T00:00:00Z"), none, none, none, 7, 7],
      ["Totaal", 0, 0, 0, 7, 7],
    ]);
  });

  it("counts a few outcomes instead of a percentage", async () => {
    const book = await openReport("period=2026-02");
    expect(readSummary(book, summary.decisions).slice(0, 2)).toEqual([
      ["Conversie op aantal", "–"],
      ["Conversie op waarde", "–"],
    ]);
    expect(readSummary(book, summary.decisions).at(-1)).toEqual([
      "Geaccepteerd: 2 van de 2 offertes die geaccepteerd, afgewezen of verlopen zijn. Een percentage staat er pas vanaf 5.",
    ]);
  });

  it("with only an offer without a date speaks of this selection", async () => {
    const book = await openReport("period=2019");
    expect(readSummary(book, "Per status").at(5)).toEqual(["Totaal", 1, 40, 1, 1]);
    expect(readSummary(book, "Per status").at(6)).toEqual([summary.describeUndated(1)]);
    expect(readSummary(book, summary.decisions).at(-1)).toEqual([
      "Op de peildatum was in deze selectie geen offerte geaccepteerd, afgewezen of verlopen.",
    ]);
  });

  it("without open offers says that this selection has none", async () => {
    const dated = fortyOffers.filter(({ offerNumber }) => offerNumber !== "O-11");
    const book = await openReport("issuedTo=2024-12-31", dated);
    expect(readSummary(book, summary.customers).at(-1)).toEqual([summary.noOpenOffers.selection]);
    expect(readTexts(book)).not.toContain(summary.describeUndated(1));
  });
});

it("a workbook of all offers speaks of no selection", async () => {
  expect(readTexts(await openReport("")).filter((text) => /deze selectie|periode/.test(text))).toEqual([]);
});
