import { describe, expect, it } from "vitest";
import {
  cancelledProblem,
  failExport,
  type ExportState,
  succeedExport,
} from "../../../functions/core/export/export-state.ts";
import type { Problem } from "../../../functions/core/basics/stored-values.ts";
import { exportKey, fileKey, optionsClaimKey } from "../../../functions/core/basics/bucket-keys.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { changeExport, listExports, readExport } from "../../../functions/app/export/export-store.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import { hashOptions } from "../../../functions/adapters/bucket/key-hashes.ts";
import { openContext, type AppContext } from "../../../functions/app/context.ts";
import { spyOnStderr } from "../../support/captured-output.ts";
import { makeExportResult } from "../../support/report-fixtures.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const minute = 60_000;
const json = { contentType: "application/json" };

/** Opens a stack whose workflow starts nothing and only records the ids of the exports that it should start. */
async function openIdleStack() {
  const { app } = await openVirtualStack(await openVirtualPortal({}));
  const started: string[] = [];
  const workflow = { start: async (id: string) => void started.push(id) };
  const request = (query = "", from: AppContext = app) => requestExport(from, workflow, ask(from, query));
  return { app, started, request };
}

function ask({ calendar }: AppContext, query = "") {
  return parseQuery(new URLSearchParams(query), calendar.dayOf(Date.now()));
}

async function age(app: AppContext, { id }: ExportState, ms: number): Promise<void> {
  const aliveUntil = new Date(Date.now() - ms).toISOString();
  await changeExport(app, id, (state) => ({ ...state, run: { ...state.run, aliveUntil } }));
}

describe("requestExport", () => {
  it("joins a running export with the same options, and makes a new one for other options", async () => {
    const { request } = await openIdleStack();
    const { id } = await request();
    expect((await request()).id).toBe(id);
    expect((await request("maxAge=0")).id).toBe(id);
    expect((await request("format=csv")).id).not.toBe(id);
  });

  it("makes one export for twenty simultaneous requests", async () => {
    const { app, started, request } = await openIdleStack();
    const states = await Promise.all(Array.from({ length: 20 }, () => request()));
    expect(new Set(states.map(({ id }) => id)).size).toBe(1);
    expect(new Set(started)).toEqual(new Set([states[0]?.id]));
    expect(await listExports(app)).toHaveLength(1);
  });

  it("starts the workflow again for an export that was never begun", async () => {
    const { started, request } = await openIdleStack();
    const { id } = await request();
    await request();
    expect(started).toEqual([id, id]);
  });

  it.each([{ url: "http://127.0.0.1:9/v1" }, { key: "another-portal-key" }])(
    "joins no export of another portal: %j",
    async (other) => {
      const { app, request } = await openIdleStack();
      const { config } = app;
      const another = openContext({ ...config, portal: { ...config.portal, ...other } });
      expect((await request("", another)).id).not.toBe((await request()).id);
    },
  );

  it("joins no export that has died or failed, however recent", async () => {
    const { app, request } = await openIdleStack();
    const dead = await request();
    await age(app, dead, minute);
    expect(await readExport(app, dead.id)).toMatchObject({ status: "failed" });
    const second = await request();
    expect(second.id).not.toBe(dead.id);
    await changeExport(app, second.id, (state) => failExport(state, { code: "c", detail: "d" }, new Date()));
    expect((await request()).id).not.toBe(second.id);
  });

  it("returns a failed export within `restSeconds`, but not a cancelled one", async () => {
    const { app, request } = await openIdleStack();
    const rest = (restSeconds: number) =>
      requestExport(app, { start: async () => undefined }, { ...ask(app), restSeconds });
    const fail = (id: string, problem: Problem) =>
      changeExport(app, id, (state) => failExport(state, problem, new Date(Date.now() - minute)));
    const { id } = await request();
    await fail(id, { code: "c", detail: "d" });
    expect(await rest(61)).toMatchObject({ id, status: "failed" });
    const second = await rest(59);
    expect(second.id).not.toBe(id);
    await fail(second.id, cancelledProblem);
    expect((await rest(61)).id).not.toBe(second.id);
  });

  it("returns a finished export while its offers are recent enough and its file exists", async () => {
    const { app, request } = await openIdleStack();
    const { id } = await request();
    const result = makeExportResult({ snapshotAt: new Date(Date.now() - minute).toISOString() });
    await changeExport(app, id, (state) => succeedExport(state, result, new Date()));
    await app.bucket.writeBytes(fileKey(id, result.file.name), "x", json);
    expect((await request("maxAge=61")).id).toBe(id);
    expect((await request("maxAge=59")).id).not.toBe(id);
  });

  it("skips an unreadable export, and logs its id without its content", async () => {
    const stderr = spyOnStderr();
    const { app, request } = await openIdleStack();
    const { id } = await request();
    await app.bucket.writeBytes(exportKey(id), "a customer's name", json);
    const next = await request();
    expect(next.id).not.toBe(id);
    const lines = stderr.mock.calls.map(([line]) => String(line));
    stderr.mockRestore();
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "ERROR", exportId: id }),
    ]);
    expect(lines.join("")).not.toContain("customer");
  });

  it("ignores a claim of another shape", async () => {
    const { app, request } = await openIdleStack();
    const claimKey = optionsClaimKey(hashOptions(app.config, ask(app).options));
    await app.bucket.writeJson(claimKey, { of: "another version" });
    const { id } = await request();
    const claim = JSON.stringify({ id, completeId: null });
    expect(await app.bucket.readBytes(claimKey)).toEqual(new TextEncoder().encode(claim));
  });
});
