import { describe, expect, it } from "vitest";
import { cancelledProblem, ExportState, failExport, locateFile } from "../../../functions/core/export/export-state.ts";
import { exportKey } from "../../../functions/core/basics/bucket-keys.ts";
import { newNameLookup } from "../../../functions/core/customer/customer.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import { changeExport, requestExport } from "../../../functions/app/export/export-store.ts";
import { publishFailure, publishResult } from "../../../functions/app/report/publish-report.ts";
import { writeReport } from "../../../functions/app/report/write-report.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { openTestPortal } from "../../support/portal.ts";
import { openTestStack } from "../../support/stack.ts";

const snapshotId = "a-snapshot";

/** An export that has a snapshot of no offers, and is to write its report of it. */
async function openReporting(): Promise<{ world: AppContext; state: ExportState }> {
  const { world } = await openTestStack(await openTestPortal({}));
  const request = parseQuery(new URLSearchParams("format=csv"), world.calendar.dayOf(Date.now()));
  const state = await requestExport(world, { start: async () => undefined }, request);
  const at = new Date().toISOString();
  const counts = { parts: 0, voidParts: [], pages: 1, offers: 0, requests: 1 };
  const manifest = { id: snapshotId, startedAt: at, finishedAt: at, ...counts, evidence: false, doubts: [] };
  await world.bucket.writeJson(`snapshots/${snapshotId}/manifest.json`, manifest);
  return { world, state };
}

async function report(world: AppContext, id: string) {
  const written = await writeReport(world, { id, snapshotId, naming: newNameLookup });
  if (written === null) throw new Error("there is no report");
  return written.result;
}

describe("cancelling an export", () => {
  it("removes the file although it was published after the export had been looked up", async () => {
    const { world, state } = await openReporting();
    const result = await report(world, state.id);
    await publishResult(world, state.id, result);
    await cancelExport(world, state);
    expect(await world.bucket.exists(locateFile({ id: state.id, result }))).toBe(false);
  });

  it("leaves no file of a report that was written and not yet published", async () => {
    const { world, state } = await openReporting();
    const result = await report(world, state.id);
    await cancelExport(world, state);
    expect(await world.bucket.listKeys("files/")).toEqual([]);
    await publishResult(world, state.id, result);
    expect(await world.bucket.readJson(exportKey(state.id), ExportState)).toMatchObject({ result: null });
  });

  it("leaves no file of a report whose step is run once more, and finds it cancelled", async () => {
    const { world, state } = await openReporting();
    await report(world, state.id);
    await changeExport(world, state.id, (before) => failExport(before, cancelledProblem, new Date()));
    expect(await writeReport(world, { id: state.id, snapshotId, naming: newNameLookup })).toBe(null);
    expect(await world.bucket.listKeys("files/")).toEqual([]);
  });
});

describe("an export that fails", () => {
  it("leaves no file, however far it had come", async () => {
    const { world, state } = await openReporting();
    await report(world, state.id);
    await publishFailure(world, state.id, { code: "storage_failed", detail: "Try again." });
    expect(await world.bucket.listKeys("files/")).toEqual([]);
  });
});
