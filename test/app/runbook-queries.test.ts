import { expect, it } from "vitest";
import { createTickHandler, createWatchHandler } from "../../functions/app/schedule/scheduled-reports.ts";
import { exportKey, formatExportId } from "../../functions/core/basics/bucket-keys.ts";
import { newExportState } from "../../functions/core/export/export-state.ts";
import { deliveryMetrics, metricUnits } from "../../functions/core/metrics/metrics.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { defaultSchedules } from "../../functions/core/schedule/schedules.ts";
import { readMetricLines, readLogLines } from "../support/log-lines.ts";
import { listQueriedFields, runbookAlarms, runbookMetrics } from "../support/runbook-page.ts";
import { captureOutput } from "../support/captured-output.ts";
import { type TestStack } from "../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../support/virtual-stack.ts";
import { useWorld } from "../support/virtual-world.ts";

const invocation = { awsRequestId: "request-1" };

/**
 * Stores a late export and runs the tick and the watch. A second tick fails because its workflow cannot start an
 * export.
 */
async function runSchedule({ app, workflow }: TestStack): Promise<void> {
  const startedMs = Date.now() - 20 * 3_600_000;
  const id = formatExportId({ startedMs, optionsKey: "0".repeat(12) }, "1".repeat(12));
  const request = parseQuery(new URLSearchParams(), app.calendar.dayOf(startedMs));
  await app.bucket.writeJson(exportKey(id), newExportState(id, request, new Date(startedMs)));
  const planner = { app, workflow, schedules: defaultSchedules };
  await createTickHandler(planner)({ schedule: "monthly", at: new Date().toISOString() }, invocation);
  await createWatchHandler(planner)({}, invocation);
  const broken = { start: () => Promise.reject(new TypeError("planted")) };
  const attempt = createTickHandler({ ...planner, workflow: broken })(
    { schedule: "monthly", at: "2026-01-01T05:00:00Z" },
    invocation,
  );
  await expect(attempt).rejects.toMatchObject({ name: "TypeError" });
}

it("the runbook has a query for each alarm of its table", () => {
  expect(runbookAlarms.queries).toEqual(runbookAlarms.rows);
  expect(runbookAlarms.rows.length).toBeGreaterThan(5);
});

it("the runbook explains every metric", () => {
  expect(runbookMetrics.toSorted()).toEqual(Object.keys(metricUnits).toSorted());
});

it("every field that the runbook's queries name occurs in the functions' log lines", async () => {
  const output = captureOutput();
  const clock = useWorld().clock;
  const portal = await openVirtualPortal({ scopes: [], clock });
  const stack = await openVirtualStack(portal, {}, clock);
  expect((await stack.ask("export")).status).toBe(502);
  await runSchedule(stack);
  const lines = [...readLogLines(output()), ...readMetricLines(output()).map(({ values }) => values)];
  const written = new Set([
    ...lines.flatMap(Object.keys),
    ...Object.keys(deliveryMetrics("unknown")),
    "deliveryId",
  ]);
  expect(listQueriedFields().filter((field) => !written.has(field))).toEqual([]);
});
