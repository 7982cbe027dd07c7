import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import { makeRow, type Row } from "../../../functions/core/report/report-row.ts";
import { writeCsv } from "../../../functions/adapters/spreadsheet/csv-writer.ts";
import { openRowDigest } from "../../../functions/adapters/spreadsheet/output-stream.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { machineColumns, streamRows } from "../../support/report-fixtures.ts";
import { collectBytes } from "../../support/test-streams.ts";
import { oddText } from "../../support/odd-text.ts";

const calendar = createCalendar("Europe/Amsterdam");
const hashed = [
  "offerNumber",
  "offerId",
  "customerId",
  "issuedAt",
  "expiresAt",
  "status",
  "decidedAt",
  "currency",
  "amount",
];

async function writeMachine(rows: Row[]): Promise<Buffer> {
  const layout = { columns: machineColumns, locale: locales.en, calendar, dialect: "machine" } as const;
  return await collectBytes((sink) => writeCsv(streamRows(rows), sink, layout));
}

/**
 * Parses CSV strictly by RFC 4180. A quoted field holds any text, with quotes doubled. An unquoted field ends at a
 * comma or CRLF.
 */
function readCsv(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  const lines: string[][] = [];
  const line: string[] = [];
  let end = 0;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    const [, quoted, plain = "", mark] = found;
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (mark !== ",") lines.push(line.splice(0));
    end = field.lastIndex;
  }
  if (end !== text.length) throw new Error(`no CSV from ${end}`);
  return lines;
}

/**
 * Computes the hash of the rows as docs/report.md describes it. Each row is one line of JSON: an array of nine cells of
 * the machine CSV.
 */
function hashCsv(bytes: Buffer): string {
  const [names = [], ...lines] = readCsv(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const hash = createHash("sha256");
  for (const line of lines)
    hash.update(`${JSON.stringify(hashed.map((name) => line[names.indexOf(name)]))}\n`, "utf8");
  return hash.digest("hex");
}

function hashRows(rows: Row[]): string {
  const digest = openRowDigest(calendar);
  for (const row of rows) digest.addRow(row);
  return digest.finish();
}

function rowOf(changes: Record<string, unknown>): Row {
  return makeRow(parseOffer(rawOffer(changes), calendar), { asOf: 20_000, calendar });
}

describe("the hash of a report's rows", () => {
  it.each([
    "a\0b",
    "\0",
    "\u0001\u001f\u007f\u0085",
    "\ud800",
    "\udc00\ud800x",
    "👍",
    "regel 1\r\nregel 2\rregel 3\n",
    'een "aanhaling", met \\',
    "\ufeff\u2028\u2029",
    " a ",
    "=1+1",
  ])("can be computed from the machine CSV when a text is %j", async (text) => {
    const rows = [rowOf({ offerNumber: text, currency: text, id: text, customerId: text })];
    expect(hashRows(rows)).toBe(hashCsv(await writeMachine(rows)));
  });

  it("can be computed from the machine CSV of any offers", async () => {
    const value = fc.oneof(
      oddText,
      fc.jsonValue(),
      fc.constantFrom("2024-04-31", "1930-01-01T00:00:00Z", "-0", "1e3"),
    );
    const field = fc.constantFrom(...Object.keys(rawOffer()));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(field, value), { maxLength: 8 }), async (offers) => {
        const rows = offers.map(rowOf);
        expect(hashRows(rows)).toBe(hashCsv(await writeMachine(rows)));
      }),
      { numRuns: 300 },
    );
  });
});
