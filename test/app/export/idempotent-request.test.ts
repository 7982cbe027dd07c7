import { describe, expect, it } from "vitest";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import type { ExportWorkflow } from "../../../functions/adapters/workflow/lambda-workflow.ts";
import { requestOnce } from "../../../functions/app/export/start-export.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

/** Opens a stack whose workflow starts nothing. All requests have the same idempotency key. */
async function openKeyed() {
  const { app } = await openVirtualStack(await openVirtualPortal({}));
  const today = app.calendar.dayOf(Date.now());
  const started: string[] = [];
  const idle = { start: async (id: string) => void started.push(id) };
  const ask = async (given: object, day = today, workflow: ExportWorkflow = idle) =>
    await requestOnce(app, workflow, { key: "one", given, request: parseOptions(given, day) });
  return { app, today, ask, started };
}

const reused = { code: "idempotency_key_reused" };

describe("an Idempotency-Key", () => {
  it("gives the same export after midnight, although the default asOf has changed", async () => {
    const { today, ask } = await openKeyed();
    const { id } = await ask({ format: "csv" }, today - 1);
    expect((await ask({ format: "csv" })).id).toBe(id);
    await expect(ask({ format: "xlsx" })).rejects.toMatchObject(reused);
  });

  it("starts one export when several requests use it at once", async () => {
    const { app, ask, started } = await openKeyed();
    const languages = ["nl", "en", "nl", "en"];
    const asked = await Promise.allSettled(languages.map((language) => ask({ language })));
    const refused = asked.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toEqual([expect.objectContaining(reused), expect.objectContaining(reused)]);
    expect(new Set(started).size).toBe(1);
    expect(await app.bucket.listKeys("exports/")).toHaveLength(1);
  });

  it("lets the next request complete the start of one that broke off", async () => {
    const { ask } = await openKeyed();
    const broken = { start: () => Promise.reject(new Error("the process died")) };
    await expect(ask({}, undefined, broken)).rejects.toThrow("the process died");
    await expect(ask({ format: "csv" })).rejects.toMatchObject(reused);
    const { id } = await ask({});
    expect((await ask({})).id).toBe(id);
  });
});
