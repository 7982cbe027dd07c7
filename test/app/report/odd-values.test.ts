import { createHash } from "node:crypto";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { finishExport, startExport } from "../../support/export-requests.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const open = { issuedAt: "2026-01-04", expiresAt: "2099-12-31", createdAt: "2026-01-04T09:00:00+01:00" };

/** Exports these offers. Returns the export's result and the bytes of its file. */
async function exportOffers(offers: Record<string, unknown>[], options: Record<string, unknown>) {
  const listed = offers.map((changes, index) => rawOffer({ ...open, id: `off_${index}`, ...changes }));
  const stack = await openVirtualStack(await openVirtualPortal({ offers: listed }));
  const { result, problem } = await finishExport(
    stack,
    await startExport(stack, { customers: false, ...options }),
  );
  if (result === null) throw new Error(problem?.detail);
  const file = Buffer.from(await (await fetch(result.file.url)).arrayBuffer());
  return { result, file };
}

async function readMachine(offers: Record<string, unknown>[], options: Record<string, unknown> = {}) {
  const { result, file } = await exportOffers(offers, {
    format: "csv",
    dialect: "machine",
    language: "en",
    ...options,
  });
  const { data } = Papa.parse<Record<string, string>>(file.toString(), {
    header: true,
    newline: "\r\n",
    skipEmptyLines: true,
  });
  return { result, rows: new Map(data.map((row) => [row["offerId"], row])) };
}

describe("a report", () => {
  it("accepts a decision only if its value is a moment, or may be meant as one", async () => {
    const decision = { acceptedAt: "2026-01-10T21:00:00+01:00" };
    const { rows, result } = await readMachine([
      { acceptedAt: false },
      { ...decision, rejectedAt: false },
      { acceptedAt: "0001-01-01 00:00:00" },
      { acceptedAt: "ooit" },
      { acceptedAt: "2026-01-10 21:00:00" },
    ]);
    expect(result.offers).toBe(5);
    const told = [...rows.values()].map(({ status, decidedAt, remarks }) => [status, decidedAt, remarks]);
    expect(told).toEqual([
      ["open", "", ""],
      ["accepted", "2026-01-10T21:00:00+01:00", ""],
      ["open", "", 'acceptedAt counts as empty: "0001-01-01 00:00:00"'],
      ["accepted", "", 'acceptedAt cannot be read: "ooit"'],
      [
        "accepted",
        "2026-01-10T21:00:00+01:00",
        `acceptedAt has no time zone and was read in the report's: "2026-01-10 21:00:00"`,
      ],
    ]);
  });

  it("reads a moment without an offset in a report as of an earlier day, too", async () => {
    const { rows } = await readMachine([{ acceptedAt: "2026-01-10 21:00:00" }], { asOf: "2026-01-06" });
    expect(rows.get("off_0")).toMatchObject({ status: "open", decidedAt: "" });
  });

  it("sums amounts of one currency, counts offers of a later year, and reads dates with a time", async () => {
    const next = { issuedAt: "2098-01-05", createdAt: "2098-01-05T10:00:00+01:00" };
    const { rows, result } = await readMachine([
      { amount: "1.10", currency: "EUR" },
      { amount: "2.20", currency: "eur" },
      { amount: "3.30", currency: "EUR\n", expiresAt: "2026-02-04T00:00:00+01:00" },
      next,
    ]);
    expect(result).toMatchObject({ offers: 4, rows: 3, totals: { EUR: "6.60" } });
    expect(result.remarks).toContain("1 offer was created and issued after the as-of date and is left out");
    expect([...rows.values()].map(({ currency }) => currency)).toEqual(["EUR\n", "eur", "EUR"]);
    expect(rows.get("off_2")).toMatchObject({ expiresAt: "2026-02-04", status: "expired", remarks: "" });
  });

  it("has a hash of its rows that can be computed from its machine CSV, whatever the texts contain", async () => {
    const { rows, result } = await readMachine([
      { offerNumber: "a\0b", customerId: "\ud800" },
      { offerNumber: 'c"\r\n\u0001', amount: "12,95", issuedAt: "2026-02-30" },
    ]);
    const names = "offerNumber offerId customerId issuedAt expiresAt status decidedAt currency amount".split(
      " ",
    );
    const lines = [...rows.values()].map((row) => `${JSON.stringify(names.map((name) => row[name]))}\n`);
    expect(result["rowsSha256"]).toBe(createHash("sha256").update(lines.join("")).digest("hex"));
  });

  it.each([
    [
      "nl",
      "Samenvatting",
      "aangemaakt na de peildatum, maar telt mee omdat er geen bruikbare offertedatum is",
      "1 offerte: aangemaakt na de peildatum, maar telt mee omdat er geen bruikbare offertedatum is",
      "2 offertes: uitgebracht na de peildatum, maar tellen mee omdat niet bekend is wanneer ze zijn aangemaakt",
    ],
    [
      "en",
      "Summary",
      "created after the as-of date, but included because it has no usable issue date",
      "1 offer: created after the as-of date, but included because it has no usable issue date",
      "2 offers: issued after the as-of date, but included because it is not known when they were created",
    ],
  ])(
    "says in %s of an earlier day which offers may be later",
    async (language, summary, remark, ...counted) => {
      const later = { createdAt: "2026-01-05T09:00:00+01:00", issuedAt: "2026-02-30" };
      const issued = { createdAt: "?", issuedAt: "2026-01-05" };
      const { file, result } = await exportOffers([{}, later, issued, issued], {
        language,
        asOf: "2026-01-04",
      });
      expect(result).toMatchObject({ rows: 4, remarks: expect.arrayContaining(counted) });
      const book = await readWorkbook(file);
      const notes = book.getWorksheet(summary)?.getColumn(1).values ?? [];
      expect(notes).toEqual(expect.arrayContaining(counted.map((text) => `${text}.`)));
      const [, offers] = book.worksheets;
      const texts = offers?.getSheetValues().flat().map(String) ?? [];
      expect(texts.filter((text) => text.endsWith(`; ${remark}`))).toHaveLength(1);
    },
  );

  it("says in its workbook how many offers are later than its day, and keeps the line ends of texts", async () => {
    const next = { issuedAt: "2098-01-05", createdAt: "2098-01-05T10:00:00+01:00", offerNumber: "N-1" };
    const { file } = await exportOffers([{ customerId: "regel 1\r\nregel 2\rregel 3" }, next], {});
    const book = await readWorkbook(file);
    const about = book.getWorksheet("Toelichting")?.getColumn(2).values.map(String) ?? [];
    expect(about).toContain(
      "1 offerte is aangemaakt én uitgebracht na de peildatum en staat niet in dit rapport (N-1)",
    );
    const offers = book.getWorksheet("Offertes");
    const cells = offers?.getRow(2).values;
    expect(Array.isArray(cells) ? cells : []).toContain("regel 1\nregel 2\nregel 3");
  });
});
