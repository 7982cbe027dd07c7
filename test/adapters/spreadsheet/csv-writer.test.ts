import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { writeCsv } from "../../../functions/adapters/spreadsheet/csv-writer.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import type { Language } from "../../../functions/core/basics/languages.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import type { ColumnName } from "../../../functions/core/options/column-order.ts";
import { makeRow, type Row } from "../../../functions/core/report/report-row.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { buildRow, machineColumns, peopleColumns, streamRows } from "../../support/report-fixtures.ts";
import {
  collectBytes,
  openFailingSink,
  openRowSource,
  countRowsWhileStalled,
} from "../../support/test-streams.ts";
import { oddText } from "../../support/odd-text.ts";

const calendar = createCalendar("Europe/Amsterdam");

type Form = { language: Language; dialect: "excel" | "machine" };
const machine: Form = { language: "en", dialect: "machine" };
const dutch: Form = { language: "nl", dialect: "excel" };
const english: Form = { language: "en", dialect: "excel" };

function columnsOf({ dialect }: Form) {
  return dialect === "machine" ? machineColumns : peopleColumns;
}

function makeLayout({ language, dialect }: Form) {
  return { columns: columnsOf({ language, dialect }), calendar, locale: locales[language], dialect };
}

function writeRows(rows: Row[], form: Form): Promise<Buffer> {
  return collectBytes((sink) => writeCsv(streamRows(rows), sink, makeLayout(form)));
}

type Line = Partial<Record<ColumnName, string>>;

/** Writes the rows as CSV and reads the lines below the header, with each cell under its column's name. */
async function readRows(rows: Row[], form: Form): Promise<Line[]> {
  const text = (await writeRows(rows, form)).toString();
  const delimiter = form === dutch ? ";" : ",";
  const { data } = Papa.parse<string[]>(text, { delimiter, newline: "\r\n" });
  return data
    .slice(1, -1)
    .map((cells) => Object.fromEntries(columnsOf(form).map(({ name }, index) => [name, cells[index]])));
}

async function readRow(given: Partial<Row>, form: Form): Promise<Line> {
  const [row] = await readRows([buildRow(given)], form);
  if (row === undefined) throw new Error("no row");
  return row;
}

/** Returns the text as the CSV must contain it. Replaces the characters that UTF-8 cannot hold or databases refuse. */
function expectText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

describe("writeCsv for machines", () => {
  it("writes exactly the bytes that RFC 4180 requires", async () => {
    const row = buildRow({
      customerName: 'De "Vries", en\nZn',
      createdAt: Date.UTC(2026, 6, 1, 12),
      signed: true,
    });
    const bytes = await writeRows([row], machine);
    expect(bytes.toString("latin1")).toBe(
      "offerNumber,offerId,customerId,customerName,issuedAt,expiresAt,status,decidedAt,daysToDecision,daysOpen," +
        "daysUntilExpiry,expiringSoon,acceptedLate,currency,amount,signed,createdAt,acceptedViaIp," +
        "acceptedViaUserAgent,remarks\r\n" +
        '00123,1,7,"De ""Vries"", en\nZn",2024-10-04,2024-11-03,open,,,12,18,false,false,EUR,1234.50,true,' +
        "2026-07-01T14:00:00+02:00,,,\r\n",
    );
  });

  it("keeps every text exactly, whatever characters it contains", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ offerNumber: oddText, customerName: oddText })),
        async (given) => {
          const read = await readRows(given.map(buildRow), machine);
          const texts = read.map(({ offerNumber, customerName }) => ({ offerNumber, customerName }));
          const expected = given.map(({ offerNumber, customerName }) => ({
            offerNumber: expectText(offerNumber),
            customerName: expectText(customerName),
          }));
          expect(texts).toEqual(expected);
        },
      ),
    );
  });

  it("holds no NUL, for which Postgres would refuse the file", async () => {
    expect(await readRow({ customerName: "a\0b" }, machine)).toMatchObject({ customerName: "a\ufffdb" });
  });

  it("keeps a long text complete", async () => {
    const customerName = "x👍".repeat(50_000);
    expect(await readRow({ customerName }, machine)).toMatchObject({ customerName });
  });

  it("leaves the cell of an unreadable value empty, and puts its text into the remarks", async () => {
    const row = await readRow(
      {
        amount: null,
        raw: { amount: "veel" },
        remarks: [{ code: "unreadable", field: "amount", text: "veel" }],
      },
      machine,
    );
    expect(row).toMatchObject({ amount: "", remarks: 'amount cannot be read: "veel"' });
  });

  it.each([
    ["issuedAt", "issuedAt", "2024-04-31"],
    ["expiresAt", "expiresAt", "0000-00-00"],
    ["acceptedAt", "decidedAt", 'ooit, "of nooit"'],
    ["rejectedAt", "decidedAt", "2024-13-01T00:00:00Z"],
    ["amount", "amount", "12,95\r\n"],
    ["createdAt", "createdAt", "gisteren"],
  ] as const)(
    "leaves an unreadable %s empty in %s, and puts its text into the remarks",
    async (field, column, text) => {
      const given = rawOffer({ [field]: text });
      const judgement = { asOf: 20_000, calendar };
      const row = await readRow(makeRow(parseOffer(given, calendar), judgement), machine);
      expect(row[column]).toBe("");
      expect(row.remarks).toContain(text);
      expect(row.remarks).toContain(field);
      for (const form of [dutch, english])
        expect((await readRow(makeRow(parseOffer(given, calendar), judgement), form))[column]).toBe(text);
    },
  );

  it("writes amounts to the digit", async () => {
    const amount = "-12345678901234567890.1234";
    expect(await readRow({ amount }, machine)).toMatchObject({ amount });
  });

  it("writes different offsets for the two equal hours when the clocks go back", async () => {
    const given = { decidedAt: Date.UTC(2026, 9, 25, 0, 30), createdAt: Date.UTC(2026, 9, 25, 1, 30) };
    expect(await readRow(given, machine)).toMatchObject({
      decidedAt: "2026-10-25T02:30:00+02:00",
      createdAt: "2026-10-25T02:30:00+01:00",
    });
  });
});

describe("writeCsv for Excel", () => {
  it("writes the very bytes that a Dutch Excel opens", async () => {
    const row = buildRow({
      customerName: "a;b",
      status: "accepted",
      decidedAt: Date.UTC(2024, 9, 9, 22, 30, 5),
    });
    const bytes = await writeRows([row], dutch);
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(bytes.subarray(3).toString()).toBe(
      "Offertenummer;Klant;Offertedatum;Bedrag;Status;Geldig t/m;Resterende dagen;Verloopt binnenkort;Dagen open;" +
        "Besloten op;Dagen tot besluit;Te laat geaccepteerd;Valuta;Ondertekend;Aangemaakt op;" +
        "Geaccepteerd via IP-adres;Geaccepteerd via browser;Opmerkingen;Klant-id;Offerte-id\r\n" +
        '00123;"a;b";04-10-2024;1234,50;geaccepteerd;03-11-2024;18;nee;12;10-10-2024 00:30:05;;nee;EUR;nee;;;;;7;1\r\n',
    );
  });

  it("writes ISO dates, a decimal point and English words in English", async () => {
    const given = {
      createdAt: Date.UTC(2024, 0, 31, 23, 59, 59, 999),
      status: "rejected",
      signed: true,
    } as const;
    expect(await readRow(given, english)).toMatchObject({
      issuedAt: "2024-10-04",
      createdAt: "2024-02-01 00:59:59",
      status: "rejected",
      signed: "yes",
      expiringSoon: "no",
      amount: "1234.50",
    });
    const headings = peopleColumns.map(({ name }) => locales.en.headings[name]).join(",");
    expect((await writeRows([], english)).toString()).toBe(`\ufeff${headings}\r\n`);
  });

  it.each([
    [dutch, { amount: "-1234567,8912", issuedAt: "29-02-2024", createdAt: "29-03-2026 03:00:00" }],
    [english, { amount: "-1234567.8912", issuedAt: "2024-02-29", createdAt: "2026-03-29 03:00:00" }],
  ])(
    "writes negative amounts, leap days and the hour that summer time skips ($language)",
    async (form, expected) => {
      const given = { amount: "-1234567.8912", issuedAt: 19_782, createdAt: Date.UTC(2026, 2, 29, 1) };
      expect(await readRow(given, form)).toMatchObject(expected);
    },
  );

  it.each([dutch, english])(
    "never writes a text that a spreadsheet would run as a formula ($language)",
    async (form) => {
      await fc.assert(
        fc.asyncProperty(oddText, async (text) => {
          const clean = expectText(text);
          const row = await readRow({ customerName: text, amount: null, raw: { amount: text } }, form);
          expect([clean, `'${clean}`]).toContain(row.customerName);
          expect(row.customerName).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
          expect(row.amount).toBe(row.customerName);
        }),
      );
    },
  );

  it.each(["=1", "+1", "-1", "@A1", "\t1", "\r1", "\n1", "＝1", "＋1", "－1", "＠1"])(
    "puts an apostrophe before %j",
    async (text) => {
      expect(await readRow({ offerId: text }, dutch)).toMatchObject({ offerId: `'${text}` });
    },
  );

  it("names the columns in remarks as the headings do", async () => {
    const remarks: Row["remarks"] = [{ code: "missing", field: "amount" }];
    expect((await readRow({ remarks }, dutch)).remarks).toBe("Bedrag ontbreekt");
    expect((await readRow({ remarks }, machine)).remarks).toBe("amount is missing");
  });

  it("neutralises remarks", async () => {
    const remarks: Row["remarks"] = [{ code: "textCut", field: "=x" }];
    expect((await readRow({ remarks }, english)).remarks).toBe(
      "'=x was cut at 32,767 characters, because a cell holds no more",
    );
  });
});

describe("writeCsv", () => {
  it("writes the header alone when there are no rows", async () => {
    const bytes = await writeRows([], machine);
    expect(bytes.toString()).toBe(`${machineColumns.map(({ name }) => name).join(",")}\r\n`);
  });

  it("writes each row once, in order, for any number of rows", async () => {
    const ids = Array.from({ length: 1001 }, (_, index) => String(index));
    const rows = await readRows(
      ids.map((offerId) => buildRow({ offerId })),
      machine,
    );
    expect(rows.map(({ offerId }) => offerId)).toEqual(ids);
  });

  it("rejects with the sink's error and stops asking for rows", async () => {
    const { rows, seen } = openRowSource(3000);
    await expect(writeCsv(rows, openFailingSink("write"), makeLayout(machine))).rejects.toThrow(
      "the disk is full",
    );
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
    await expect(writeCsv(destroy(), sink, makeLayout(machine))).rejects.toMatchObject({
      code: "ERR_STREAM_PREMATURE_CLOSE",
    });
    await expect.poll(() => seen.isClosed).toBe(true);
    expect(seen.pulled).toBe(0);
  });

  it("rejects when the sink fails at its end", async () => {
    const { rows } = openRowSource(1);
    await expect(writeCsv(rows, openFailingSink("final"), makeLayout(machine))).rejects.toThrow(
      "the disk is full",
    );
  });

  it("rejects with the rows' error and destroys the sink with it", async () => {
    const sink = openFailingSink("final");
    const error = new Error("the snapshot is cut");
    async function* fail() {
      yield [buildRow()];
      throw error;
    }
    await expect(writeCsv(fail(), sink, makeLayout(machine))).rejects.toBe(error);
    expect(sink.errored).toBe(error);
  });

  it("reads no further rows while the sink is stalled", async () => {
    const { rows, seen } = openRowSource(2000);
    const pulled = await countRowsWhileStalled((sink) => writeCsv(rows, sink, makeLayout(machine)), seen);
    expect(pulled).toBeLessThanOrEqual(300);
    expect(seen.pulled).toBe(2000);
  });
});
