import { describe, expect, it } from "vitest";
import {
  cancelledProblem,
  ExportState,
  failExport,
  locateFile,
} from "../../../functions/core/export/export-state.ts";
import { exportKey } from "../../../functions/core/basics/bucket-keys.ts";
import { newNameLookup } from "../../../functions/core/customer/name-lookup.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import { changeExport } from "../../../functions/app/export/export-store.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import { publishFailure, publishResult } from "../../../functions/app/report/publish-report.ts";
import { writeReport } from "../../../functions/app/report/write-report.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const snapshotId = "a-snapshot";

/** Opens an export that has a snapshot, but no report yet. The snapshot has no offers. */
async function openReporting(): Promise<{ app: AppContext; state: ExportState }> {
  const { app } = await openVirtualStack(await openVirtualPortal({}));
  const request = parseQuery(new URLSearchParams("format=csv"), app.calendar.dayOf(Date.now()));
  const state = await requestExport(app, { start: async () => undefined }, request);
  const at = new Date().toISOString();
  const counts = { parts: 0, voidParts: [], pages: 1, offers: 0, requests: 1 };
  const manifest = { id: snapshotId, startedAt: at, finishedAt: at, ...counts, evidence: false, doubts: [] };
  await app.bucket.writeJson(`snapshots/${snapshotId}/manifest.json`, manifest);
  return { app, state };
}

async function report(app: AppContext, id: string) {
  const written = await writeReport(app, { id, snapshotId, naming: newNameLookup });
  if (written === null) throw new Error("there is no report");
  return written.result;
}

describe("cancelling an export", () => {
  it("removes the file although it was published after the export had been looked up", async () => {
    const { app, state } = await openReporting();
    const result = await report(app, state.id);
    await publishResult(app, state.id, result);
    await cancelExport(app, state);
    expect(await app.bucket.exists(locateFile({ id: state.id, result }))).toBe(false);
  });

  it("leaves no file of a report that was written and not yet published", async () => {
    const { app, state } = await openReporting();
    const result = await report(app, state.id);
    await cancelExport(app, state);
    expect(await app.bucket.listKeys("files/")).toEqual([]);
    await publishResult(app, state.id, result);
    expect(await app.bucket.readJson(exportKey(state.id), ExportState)).toMatchObject({ result: null });
  });

  it("leaves no file when the report's step runs again and finds the export cancelled", async () => {
    const { app, state } = await openReporting();
    await report(app, state.id);
    await changeExport(app, state.id, (before) => failExport(before, cancelledProblem, new Date()));
    expect(await writeReport(app, { id: state.id, snapshotId, naming: newNameLookup })).toBe(null);
    expect(await app.bucket.listKeys("files/")).toEqual([]);
  });
});

describe("an export that fails", () => {
  it("leaves no file, at whatever stage it fails", async () => {
    const { app, state } = await openReporting();
    await report(app, state.id);
    await publishFailure(app, state.id, { code: "storage_failed", detail: "Try again." });
    expect(await app.bucket.listKeys("files/")).toEqual([]);
  });
});
