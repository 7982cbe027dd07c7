import { createHash } from "node:crypto";
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { writeReport } from "../../../functions/app/report/write-report.ts";
import { fileKey } from "../../../functions/core/basics/bucket-keys.ts";
import type { ListDirection } from "../../../functions/core/crawl/crawl-state.ts";
import { newNameLookup } from "../../../functions/core/customer/name-lookup.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { scaleRuns } from "../../support/property-runs.ts";
import { writeSnapshot } from "../../support/snapshot-fixtures.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";
import { queueExport } from "../../support/workflow-runs.ts";

type Offer = Record<string, unknown>;

const openApp = async () => (await openVirtualStack(await openVirtualPortal({}))).app;
type App = Awaited<ReturnType<typeof openApp>>;

/** Writes the report of a snapshot. Returns its result and its bytes. */
async function report(app: App, snapshotId: string, query: string) {
  const { id } = await queueExport(app, `customers=false&${query}`);
  const written = await writeReport(app, { id, snapshotId, naming: newNameLookup });
  if (written === null) throw new Error("there is no report");
  const { file, rowsSha256 } = written.result;
  const bytes = await app.bucket.readBytes(fileKey(id, file.name, file.attempt ?? null));
  return { rowsSha256, duplicates: written.duplicates, bytes: Buffer.from(bytes ?? []) };
}

type Table = Record<string, string>[];

function readTable(bytes: Buffer): Table {
  const text = bytes.toString().replace(/^\ufeff/, "");
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
}

/** Lists the ids of the offers in the workbook, row by row. */
async function listWorkbookIds(bytes: Buffer): Promise<string[]> {
  const sheet = (await readWorkbook(bytes)).getWorksheet(locales.nl.sheetName);
  const rows = Array.from({ length: sheet?.rowCount ?? 0 }, (_, index) => sheet?.getRow(index + 1).values);
  const [headings, ...cells] = rows.map((values) => (Array.isArray(values) ? values : []));
  const column = headings?.indexOf(locales.nl.headings.offerId) ?? -1;
  return cells.map((values) => z.string().parse(values[column]));
}

const hashed = "offerNumber offerId customerId issuedAt expiresAt status decidedAt currency amount".split(
  " ",
);

function hashTable(rows: Table): string {
  const lines = rows.map((row) => `${JSON.stringify(hashed.map((name) => row[name]))}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** Makes offers that were created one after another, the oldest first. */
function makeOffers(count: number): Offer[] {
  return Array.from({ length: count }, (_, index) =>
    rawOffer({
      id: `off_${index}`,
      offerNumber: `2026-${index}`,
      createdAt: new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString(),
    }),
  );
}

const listOf = (offers: Offer[], grows: ListDirection) => (grows === "far" ? offers : offers.toReversed());

/** Lists with the offers as a snapshot may hold them: some twice, the second time with another amount. */
const snapshots = fc.record({
  count: fc.integer({ min: 2, max: 40 }),
  offersPerPart: fc.integer({ min: 3, max: 12 }),
  grows: fc.constantFrom<ListDirection[]>("near", "far"),
  repeated: fc.array(fc.nat(39), { maxLength: 3 }),
});

describe("a report's rows", () => {
  it(
    "stand newest first and once each in every format, whichever end of the list grows",
    { timeout: 60_000 },
    async () => {
      const app = await openApp();
      let made = 0;
      await fc.assert(
        fc.asyncProperty(snapshots, async ({ count, offersPerPart, grows, repeated }) => {
          const all = makeOffers(count);
          const list = listOf(all, grows).flatMap((offer, index) =>
            repeated.includes(index) ? [offer, { ...offer, amount: "99.00" }] : [offer],
          );
          const id = `snapshot-${(made += 1)}`;
          await writeSnapshot(app.bucket, list, { id, at: "2026-03-01T04:00:00.000Z", offersPerPart });
          const machine = await report(app, id, "format=csv&dialect=machine&language=en");
          const excel = await report(app, id, "format=csv");
          const workbook = await report(app, id, "format=xlsx");

          const newestFirst = all.map((offer) => offer["id"]).toReversed();
          const rows = readTable(machine.bytes);
          expect(rows.map((row) => row["offerId"])).toEqual(newestFirst);
          const heading = locales.nl.headings.offerId;
          expect(readTable(excel.bytes).map((row) => row[heading])).toEqual(newestFirst);
          expect(await listWorkbookIds(workbook.bytes)).toEqual(newestFirst);
          expect(machine.rowsSha256).toBe(hashTable(rows));
          expect([excel.rowsSha256, workbook.rowsSha256]).toEqual([machine.rowsSha256, machine.rowsSha256]);
          // Of an offer that the snapshot holds twice, the report shows the copy that it reaches first.
          const kept = new Map(listOf(list, grows).map((offer) => [offer["id"], offer["amount"]]));
          expect(new Map(rows.map((row) => [row["offerId"], row["amount"]]))).toEqual(kept);
        }),
        { numRuns: scaleRuns(25) },
      );
    },
  );

  it("keep the portal's order when that is not an order of creation", async () => {
    const app = await openApp();
    const order = [3, 9, 0, 7, 1, 8, 2, 6, 4, 5, 11, 10];
    const offers = order.map((index) => makeOffers(12)[index]);
    await writeSnapshot(app.bucket, offers, {
      id: "mixed",
      at: "2026-03-01T04:00:00.000Z",
      offersPerPart: 5,
    });
    const { bytes } = await report(app, "mixed", "format=csv&dialect=machine&language=en");
    expect(readTable(bytes).map((row) => row["offerId"])).toEqual(order.map((index) => `off_${index}`));
  });

  it("follow the day of issue where the portal gives no moment of creation", async () => {
    const app = await openApp();
    const offers = [1, 2, 3, 4].map((day) =>
      rawOffer({ id: `off_${day}`, createdAt: null, issuedAt: `2026-01-0${day}` }),
    );
    await writeSnapshot(app.bucket, offers, { id: "issued", at: "2026-03-01T04:00:00.000Z" });
    const { bytes } = await report(app, "issued", "format=csv&dialect=machine&language=en");
    expect(readTable(bytes).map((row) => row["offerId"])).toEqual(["off_4", "off_3", "off_2", "off_1"]);
  });
});
