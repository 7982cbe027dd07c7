import { gzipSync } from "node:zlib";
import type { Worksheet } from "exceljs";
import { describe, expect, it } from "vitest";
import { manifestKey, seriesKey } from "../../../functions/core/basics/bucket-keys.ts";
import type { ExportState } from "../../../functions/core/export/export-state.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { hashReportSeries } from "../../../functions/adapters/bucket/key-hashes.ts";
import { recordReport } from "../../../functions/app/report/compare-reports.ts";
import { makeReports } from "../../../functions/app/schedule/scheduled-reports.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { finishExport, jsonHeaders, startExport } from "../../support/export-requests.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";
import { forgePart, listPartKeys, removePart } from "../../support/snapshot-fixtures.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const ids = ["off_a", "off_b", "off_c", "off_d"];
const open = { issuedAt: "2025-01-06", expiresAt: "2099-12-31", createdAt: "2025-01-06T09:00:00+01:00" };
const offerOf = (id: string, changes: Record<string, unknown> = {}) =>
  rawOffer({ ...open, id, offerNumber: `=${id}`, amount: "100.00", ...changes });
/** An offer as the demo portal stores it. */
const itemOf = (id: string, changes: Record<string, unknown> = {}) => ({ ...offerOf(id, changes), id });

async function openOffice(settings: Record<string, string> = {}) {
  const portal = await openVirtualPortal({ offers: ids.map((id) => offerOf(id)) });
  const stack = await openVirtualStack(portal, settings);
  const { app } = stack;

  async function settle(id: string): Promise<ExportState> {
    await stack.runner.finish(id);
    const state = await readExport(app, id);
    if (state?.result == null) throw new Error(`no result: ${state?.problem?.detail}`);
    return state;
  }

  return {
    ...stack,
    portal,
    settle,
    /** Runs an export with a new snapshot. */
    report: async (options: Record<string, unknown> = {}) =>
      await settle(await startExport(stack, { customers: false, maxAge: 0, ...options })),
    async readBookOf({ id }: ExportState) {
      const { result } = await finishExport(stack, id);
      const response = await fetch(result?.file.url ?? "");
      return await readWorkbook(Buffer.from(await response.arrayBuffer()));
    },
  };
}

/**
 * Changes the portal within a month: one offer is accepted for a lower amount, one is deleted, one is added and one
 * gets another expiry date.
 */
function liveOn({ portal }: Awaited<ReturnType<typeof openOffice>>): void {
  portal.offers.replace(itemOf("off_a", { amount: "90.00", acceptedAt: "2025-01-20T10:00:00+01:00" }));
  portal.offers.remove("off_b");
  portal.offers.insert(itemOf("off_new", { amount: "1234.56" }), 0);
  portal.offers.replace(itemOf("off_d", { expiresAt: "2099-12-30" }));
}

const counts = (state: ExportState) =>
  Object.fromEntries(
    Object.entries(state.result?.changes?.kinds ?? {}).map(([kind, { offers }]) => [kind, offers]),
  );

const happened = { new: 1, accepted: 1, rejected: 0, expired: 0, reopened: 0, gone: 1, amount: 1, dates: 1 };

function listTexts(sheet: Worksheet | undefined): unknown[][] {
  const rows: unknown[][] = [];
  sheet?.eachRow(({ values }) => rows.push(Array.isArray(values) ? values.slice(1) : []));
  return rows;
}

describe("the comparison with the previous report", () => {
  it("is in the export's JSON and on a sheet after the follow-up sheet", async () => {
    const office = await openOffice();
    const first = await office.report();
    liveOn(office);
    const second = await office.report();
    expect(first.result?.changes).toBeNull();
    expect(second.result?.changes).toMatchObject({
      since: {
        id: first.id,
        asOf: first.options.asOf,
        snapshotAt: first.result?.snapshotAt,
        completeness: "complete",
      },
      currency: "EUR",
    });
    expect(counts(second)).toEqual(happened);

    const names = (await office.readBookOf(first)).worksheets.map(({ name }) => name);
    expect(names).toEqual(["Samenvatting", "Offertes", "Opvolgen", "Klanten", "Toelichting"]);
    const book = await office.readBookOf(second);
    expect(book.worksheets.map(({ name }) => name)).toEqual(names.toSpliced(3, 0, "Wijzigingen"));
    const rows = listTexts(book.getWorksheet("Wijzigingen"));
    expect(rows).toContainEqual(["Nieuw", 1, 1234.56]);
    expect(rows).toContainEqual(["Bedrag gewijzigd", 1, -10]);
    const issued = new Date("2025-01-06");
    const until = new Date("2099-12-31");
    const customer = "cst_abc12345def678";
    expect(rows).toContainEqual(["=off_new", customer, "open", 1234.56, issued, until]);
    expect(rows).toContainEqual(["=off_b", customer, "open", 100, issued, until]);
    expect(rows).toContainEqual(["=off_a", customer, "geaccepteerd", 100, 90, -10]);
    expect(rows).toContainEqual(["=off_d", customer, issued, issued, until, new Date("2099-12-30")]);
  });

  it("is replaced by the reason when there is no earlier report, or when its data are gone", async () => {
    const office = await openOffice();
    const reasonOf = async (state: ExportState) =>
      listTexts((await office.readBookOf(state)).getWorksheet("Toelichting")).find(
        ([label]) => label === "Wijzigingen",
      )?.[1];
    const first = await office.report();
    expect(await reasonOf(first)).toContain("er is geen eerder rapport met dezelfde opties");
    expect((await office.ask(`exports/${first.id}`, { method: "DELETE", headers: jsonHeaders })).status).toBe(
      204,
    );
    const second = await office.report();
    expect(second.result?.changes).toBeNull();
    expect([first, second].map(({ result }) => result?.notCompared)).toEqual(["first", "gone"]);
    expect(await reasonOf(second)).toContain("worden niet meer bewaard");
    const third = await office.report();
    expect(third.result?.notCompared).toBeNull();
    expect(await reasonOf(third)).toContain("met peildatum");
  });

  it.each([
    ["a part goes", ({ bucket }: AppContext, id: string) => removePart(bucket, id), false],
    [
      "a part breaks",
      ({ bucket }: AppContext, id: string) => forgePart(bucket, id, Buffer.from("no gzip")),
      true,
    ],
    [
      "a part is not what was written",
      async ({ bucket }: AppContext, id: string) => {
        const [key = ""] = await listPartKeys(bucket, id);
        await bucket.writeBytes(key, gzipSync("{}\n"), { contentType: "" });
      },
      true,
    ],
    [
      "its manifest is of another shape",
      ({ bucket }: AppContext, id: string) => bucket.writeJson(manifestKey(id), { parts: "many" }),
      true,
    ],
  ])("is missing, but the report is made, when of the earlier snapshot %s", async (_, breakIt, isLogged) => {
    const office = await openOffice();
    const { run } = await office.report({ format: "csv" });
    // Makes a second snapshot, from which the last export can start. The test damages only the first snapshot.
    await office.report();
    const output = captureOutput();
    await breakIt(office.app, run.snapshotId ?? "");
    expect((await office.report({ format: "csv" })).result).toMatchObject({ rows: 4, changes: null });
    expect(output().includes(run.snapshotId ?? "")).toBe(isLogged);
  });

  it("is made only with a report of the same options, and is in the JSON of a CSV export, too", async () => {
    const office = await openOffice();
    await office.report();
    expect((await office.report({ format: "csv" })).result?.changes).toBeNull();
    liveOn(office);
    expect(counts(await office.report({ format: "csv" }))).toEqual(happened);
  });

  it("is never made with a report of a later day", async () => {
    const office = await openOffice();
    const later = await office.report({ asOf: "2025-01-31" });
    const earlier = await office.report({ asOf: "2025-01-05" });
    expect(earlier.result?.changes).toBeNull();
    const { asOf } = (await office.report({ asOf: "2025-01-31" })).result?.changes?.since ?? {};
    expect(asOf).toBe(later.options.asOf);
  });

  it("of a scheduled report is with the schedule's previous tick, whatever was exported in between", async () => {
    const office = await openOffice();
    const { app, workflow } = office;
    const reports = [{ customers: false }];
    const schedule = { name: "monthly", expression: "cron(0 6 1 * ? *)" as const, reports };
    const tick = async () => {
      const [attempt] = await makeReports({ app, workflow }, { schedule, at: Date.now() }, new Date());
      return await office.settle(attempt?.state.id ?? "");
    };
    const first = await tick();
    liveOn(office);
    const { asOf } = first.options;
    const asked = await office.report({ asOf });
    const second = await tick();
    const third = await tick();
    expect(first.result?.changes).toBeNull();
    expect(asked.result?.changes?.since.id).toBe(first.id);
    expect(second.result?.changes?.since.id).toBe(first.id);
    expect(counts(second)).toEqual(happened);
    expect(third.result?.changes?.since.id).toBe(second.id);
    expect(new Set(Object.values(counts(third)))).toEqual(new Set([0]));
  });

  it("is not affected by a report that is recorded twice, or for long by an unreadable series", async () => {
    const office = await openOffice();
    const first = await office.report();
    await recordReport(office.app, first.id);
    await recordReport(office.app, first.id);
    const key = seriesKey(hashReportSeries(office.app.config, first.options));
    const series = JSON.parse(Buffer.from((await office.app.bucket.readBytes(key)) ?? []).toString());
    expect(series).toMatchObject({ reports: [{ id: first.id }] });
    await office.app.bucket.writeJson(key, { reports: "of another shape" });
    expect((await office.report()).result?.changes).toBeNull();
    expect((await office.report()).result?.changes).not.toBeNull();
  });
});
