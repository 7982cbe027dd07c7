import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeCsv } from "../../../functions/adapters/spreadsheet/csv-writer.ts";
import { writeXlsx } from "../../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar, parseDay } from "../../../functions/core/basics/calendar.ts";
import { readOfferState, readStateFacts } from "../../../functions/core/changes/change-rules.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { isKnownOffer, statuses } from "../../../functions/core/offer/offer-status.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import { type Row, selectByOptions, selectRow } from "../../../functions/core/report/report-row.ts";
import { fitSpreadsheetRow } from "../../../functions/core/report/spreadsheet-limits.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { buildClosingSheets, makeFigures, peopleColumns, streamRows } from "../../support/report-fixtures.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";
import { collectBytes } from "../../support/test-streams.ts";
import { oddText } from "../../support/odd-text.ts";

const asOf = "2026-11-22";
const day = parseDay(asOf) ?? Number.NaN;
const { options } = parseOptions({ evidence: true }, day);
const calendars = ["Europe/Amsterdam", "America/New_York", "Africa/Monrovia", "Pacific/Apia"].map(
  createCalendar,
);

const digit = fc.integer({ min: 0, max: 9 }).map(String);
const number = (length: number) => fc.string({ unit: digit, minLength: length, maxLength: length });
/** Texts that look almost like dates and times, of any year. */
const dateText = fc
  .record({
    sign: fc.constantFrom("", "", "", "-", "+"),
    year: fc.oneof(fc.constantFrom("0000", "0001", "1970", "1900", "2026", "9999"), number(4)),
    month: fc.oneof(fc.constantFrom("00", "01", "12"), number(2)),
    day: fc.oneof(fc.constantFrom("00", "01", "31"), number(2)),
    time: fc.constantFrom("", "T00:00:00", " 00:00:00", "T23:59:59.999999", " 24:00", "T02:30"),
    offset: fc.constantFrom("", "Z", "+01:00", "-23:59", "+23:59", " UTC", "+0100"),
  })
  .map((parts) => `${parts.sign}${parts.year}-${parts.month}-${parts.day}${parts.time}${parts.offset}`);
const value = fc.oneof(
  oddText,
  fc.jsonValue(),
  dateText,
  dateText,
  fc.double().map(String),
  fc.bigInt().map(String),
);
const offer = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...Object.keys(rawOffer())), value).map(rawOffer) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

describe("a report of any offers", () => {
  it(
    "has a row with one of four statuses for each offer that existed on its day, in every format",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(offer, { maxLength: 8 }),
          fc.constantFrom(...calendars),
          async (given, calendar) => {
            const selection = selectByOptions(options, calendar);
            const rows: Row[] = [];
            for (const one of given) {
              const parsed = parseOffer(one, calendar);
              const row = selectRow(parsed, selection);
              expect(row !== null).toBe(isKnownOffer(parsed, selection));
              expect(readOfferState(readStateFacts(one), selection)?.status).toBe(row?.status);
              if (row !== null) rows.push(row);
            }
            for (const row of rows) expect(statuses).toContain(row.status);
            expect(makeFigures(rows, asOf).statuses.open.offers).toBeLessThanOrEqual(rows.length);
            await expectFiles(rows.map(fitSpreadsheetRow), {
              columns: peopleColumns,
              locale: locales.nl,
              calendar,
            });
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});

type Layout = Parameters<typeof writeXlsx>[2];

async function expectFiles(rows: Row[], layout: Omit<Layout, "closing">): Promise<void> {
  for (const dialect of ["machine", "excel"] as const) {
    const bytes = await collectBytes((sink) => writeCsv(streamRows(rows), sink, { ...layout, dialect }));
    expect(bytes.toString().split("\r\n").length).toBeGreaterThan(rows.length);
  }
  const closing = () => buildClosingSheets({ rows, asOf });
  const bytes = await collectBytes((sink) => writeXlsx(streamRows(rows), sink, { ...layout, closing }));
  expect((await readWorkbook(bytes)).getWorksheet("Offertes")?.rowCount).toBe(rows.length + 1);
}
