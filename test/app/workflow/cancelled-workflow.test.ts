import { expect, it } from "vitest";
import * as z from "zod";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { openRunner } from "../../support/durable-runner.ts";
import { listEventLines, readMetrics, readLogLines } from "../../support/log-lines.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { fakeClock } from "../../support/test-portal.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import { accessToken } from "../../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const Exported = z.object({ id: z.string() });

it("logs each step and metric of an export once despite replays, with the ids of its invocation", async () => {
  const clock = fakeClock(Date.now());
  const portal = await openVirtualPortal({ offers: rawOffers(200), limit: 6, clock });
  const { app } = await openVirtualStack(portal, {}, clock);
  const { id } = await queueExport(app, "format=csv");
  const output = captureOutput();
  const runner = await openRunner(createExportWorkflow(app), { clock });
  expect(await runner.complete({ id }, id)).toMatchObject({ status: "SUCCEEDED" });

  const steps = listEventLines(output(), "step");
  const names = steps.map(({ step }) => step);
  expect(names.slice(0, 2)).toEqual(["turn-1", "window-1-1"]);
  expect(names.slice(-2)).toEqual(["report", "deliver-1"]);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(steps.map(({ exportId }) => exportId))).toEqual(new Set([id]));
  const executions = new Set(steps.map(({ executionId }) => executionId));
  expect([...executions]).toEqual([expect.stringMatching(/^\d+$/)]);
  // The export waits for the rate limit, so there are several invocations, and each replays the workflow.
  expect(new Set(steps.map(({ requestId }) => requestId)).size).toBeGreaterThan(2);
  expect(readMetrics(output()).map((figures) => Object.keys(figures)[0])).toEqual(["Offers", "Duplicates"]);
});

it("logs each request once, by its route, with the id that the caller got", async () => {
  const output = captureOutput();
  const { ask } = await openVirtualStack(await openVirtualPortal({ offers: rawOffers(2) }));
  const response = await ask("exports", {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: "{}",
  });
  const { id } = Exported.parse(await response.json());
  await ask(`exports/${id}`);
  await ask("exports/zd34hk55g-000000000000-000000000000");
  expect(listEventLines(output(), "request")).toMatchObject([
    { method: "POST", route: "/exports", status: 202, requestId: response.headers.get("x-amzn-requestid") },
    { method: "GET", route: "/exports/{id}", status: 200 },
    { method: "GET", route: "/exports/{id}", status: 404 },
  ]);
});

it("writes no line for callers without an access token, or for guessed permanent links", async () => {
  const output = captureOutput();
  const { ask } = await openVirtualStack(await openVirtualPortal({}));
  expect((await ask("exports", { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  expect((await ask("", { headers: { accept: "text/html" } })).status).toBe(200);
  expect((await ask("s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", { headers: {} })).status).toBe(404);
  expect(readLogLines(output())).toEqual([]);
});
