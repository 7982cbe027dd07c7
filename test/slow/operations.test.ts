// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../simulation/time/synchronous-zlib.ts";
import { expect, it } from "vitest";
import { openContext } from "../../functions/app/context.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { createExportWorkflow, runExport } from "../../functions/app/workflow/export-workflow.ts";
import { prepareExport } from "../../local/bench/bench-data.ts";
import { openStaticPortal } from "../../local/bench/static-portal.ts";
import { createVirtualClock } from "../../local/fast-clock.ts";
import { maxOperations } from "../../local/durable/service-limits.ts";
import { openFaultSource } from "../simulation/faults/fault-source.ts";
import { openHistoryTrace } from "../simulation/time/history-trace.ts";
import { openSimulatedProcess } from "../simulation/time/simulated-process.ts";
import { openSimulatedS3 } from "../simulation/s3/simulated-s3.ts";
import { openVirtualClock } from "../simulation/time/virtual-clock.ts";
import { openRunner } from "../support/durable-runner.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { openTestStack } from "../support/test-stack.ts";
import { makeImmediateSteps } from "../support/workflow-runs.ts";

const config = readConfig({
  PORTAL_API_URL: "https://portal.test",
  PORTAL_API_KEY: "key-of-the-portal",
  REPORT_BUCKET: "reports",
  S3_ENDPOINT: "http://s3.test",
  AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS",
  AWS_SECRET_ACCESS_KEY: "secret-key-of-the-tests",
});

type Size = { pages: number; hasCustomers?: boolean };

/** Opens a queued export of a portal whose list does not change. Nothing takes real time, neither waits nor S3. */
async function openSimulated(size: Size) {
  const clock = openVirtualClock(Date.now());
  const { portal } = openStaticPortal({ kind: "fixed", ...size, clock });
  const process = openSimulatedProcess("export", "operations", clock);
  const faults = openFaultSource("operations");
  const delaysMs = { min: 0, max: 0, timeout: 30_000 };
  const s3 = openSimulatedS3({ clock, faults, trace: openHistoryTrace(clock.now), rates: {}, delaysMs });
  const real = openContext(config, { clock: process.clock, random: process.random });
  s3.serve(real.bucket.s3.client, process);
  const app = { ...real, portal };
  const { id } = await clock.complete(prepareExport(app, "csv"));
  return { app, id, clock };
}

/** Runs an export without the SDK, which would replay all steps in each invocation. Lists the steps and waits. */
async function listSteps(size: Size) {
  const { pages } = size;
  const { app, id, clock } = await openSimulated(size);
  const steps = makeImmediateSteps(clock);
  await clock.complete(runExport(steps, app, id));
  const state = await clock.complete(readExport(app, id));
  expect(state).toMatchObject({ status: "succeeded", result: { pages, rows: pages } });
  return { names: steps.names, remarks: state?.result?.remarks };
}

/** The maximum number of steps and waits of a name lookup: two in each of 200 windows of the rate limit. */
const maxForNames = 2 * 200;
/**
 * The number of steps and waits of an export that waits for another export's crawl. The crawl reads 45,000 pages, at
 * 60 pages a minute. The waiting export makes a step and a wait every two minutes. At the beginning, it looks more
 * often whether the crawl has ended, and makes 60 more of each.
 */
const maxForWaiting = 2 * (45_000 / 60 / 2 + 60);

it("has at most two operations per window, so that 45,000 pages, names and a wait for such a crawl fit into an execution", async () => {
  const { names } = await listSteps({ pages: 45_000 });
  const windows = names.filter((name) => name.startsWith("window-"));
  const others = names.filter((name) => !/^(window|reopening)-/.test(name));
  expect(others).toEqual(["turn-1", "verify-1", "seal-1", "turn-2", "names-1", "report"]);
  expect(names.length - others.length).toBeLessThanOrEqual(2 * windows.length);
  expect(names.length + maxForNames + maxForWaiting).toBeLessThan(maxOperations);
});

it("makes the report without names that would take too many windows, with a remark", async () => {
  const { names, remarks } = await listSteps({ pages: 13_000, hasCustomers: true });
  expect(names.filter((name) => /^nam(es|ing)-/.test(name)).length).toBeLessThanOrEqual(maxForNames);
  expect(remarks).toContainEqual(expect.stringMatching(/^1\d{3} klanten: de naam is nog niet opgehaald/));
});

it("has one operation of its execution for each step and each wait", async () => {
  const size = { pages: 330, hasCustomers: true };
  const clock = createVirtualClock(Date.now());
  const { portal } = openStaticPortal({ kind: "fixed", ...size, clock });
  const app = { ...(await openTestStack(await openTestPortal({}), {}, clock)).app, portal };
  const { id } = await prepareExport(app, "csv");
  const { complete } = await openRunner(createExportWorkflow(app), { clock });
  const described = await complete({ id }, id);
  const { names } = await listSteps(size);
  const delivering = 1;
  expect(described).toMatchObject({ status: "SUCCEEDED", operations: names.length + delivering });
  for (const name of ["window-", "names-"])
    expect(names.filter((one) => one.startsWith(name)).length).toBeGreaterThan(5);
});
