import { expect, it } from "vitest";
import { emitDelivery, emitMetrics, withLogIds } from "../../functions/adapters/log/log.ts";
import type { DurableSteps } from "../../functions/adapters/workflow/durable-steps.ts";
import { cancelExport } from "../../functions/app/export/cancel-export.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { publishFailure } from "../../functions/app/report/publish-report.ts";
import { runExport } from "../../functions/app/workflow/export-workflow.ts";
import { captureOutput } from "../support/captured-output.ts";
import { readMetricLines, readMetrics } from "../support/log-lines.ts";
import { rawCustomers, rawOffer, rawOffers, rawOffersTo } from "../support/offer-fixtures.ts";
import { fakeClock } from "../support/test-portal.ts";
import { makeImmediateSteps, queueExport } from "../support/workflow-runs.ts";
import { openVirtualPortal, openVirtualStack } from "../support/virtual-stack.ts";

/** Returns steps that run twice each, as when a process dies before it stores the step's result. */
function repeatSteps(clock: { sleep: (ms: number) => Promise<void> }): DurableSteps {
  return {
    async step(_name, run) {
      await run();
      // Waits until the portal's rate limit has started a new window.
      await clock.sleep(120_000);
      return await run();
    },
    wait: (_name, seconds) => clock.sleep(seconds * 1000),
  };
}

const dayMs = 86_400_000;

/** Prepares an export whose offers and customers' names need several windows of the rate limit. */
async function openExport(query: string) {
  // The export must end on the day on which it begins.
  const clock = fakeClock(Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2);
  const customers = rawCustomers(240);
  const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers, limit: 8, clock });
  const { app } = await openVirtualStack(portal, {}, clock);
  const { id } = await queueExport(app, query);
  return { app, clock, id };
}

it("counts a crawl and its report once, although every step runs twice", async () => {
  const { app, clock, id } = await openExport("format=csv");
  const output = captureOutput();
  await runExport(repeatSteps(clock), app, id);
  expect(readMetrics(output())).toEqual([
    {
      Offers: 240,
      Pages: 16,
      Requests: expect.any(Number),
      Refusals: 0,
      Shifts: 0,
      CrawlSeconds: expect.any(Number),
    },
    {
      Duplicates: 0,
      Remarks: 0,
      FileBytes: expect.any(Number),
      Requests: expect.any(Number),
      Refusals: 0,
      NamesSeconds: expect.any(Number),
      ReportSeconds: expect.any(Number),
    },
  ]);
});

it("counts the shifts and refusals of a changing list, and the offers that were read twice", async () => {
  const output = captureOutput();
  const clock = fakeClock(Date.now());
  const offers = rawOffers(240);
  const twice = [...offers, offers[200] ?? {}];
  const portal = await openVirtualPortal({
    offers: twice,
    limit: 8,
    clock,
    intercept({ n }, response) {
      if (n === 6) portal.offers.insert({ ...rawOffer(), id: "off_new" }, 0);
      return n === 12 && Boolean(response.writeHead(429, { "retry-after": "60" }).end());
    },
  });
  const { app } = await openVirtualStack(portal, {}, clock);
  const { id } = await queueExport(app, "format=csv&customers=false");
  await runExport(makeImmediateSteps(clock), app, id);
  const [crawl, report] = readMetrics(output());
  expect(crawl?.["Refusals"]).toBe(1);
  expect(crawl?.["Shifts"]).toBeGreaterThan(0);
  const state = await readExport(app, id);
  expect(report?.["Duplicates"]).toBe(Number(crawl?.["Offers"]) - (state?.result?.offers ?? 0));
  expect(report?.["Duplicates"]).toBeGreaterThan(0);
  expect(report?.["Remarks"]).toBe(state?.result?.remarks.length);
  // The export looked up no names, so there is no metric for the duration of the lookup.
  expect(report).not.toHaveProperty("NamesSeconds");
});

it("counts an export that fails, once, and none that is cancelled", async () => {
  const { app, id } = await openExport("format=csv");
  const output = captureOutput();
  const problem = { code: "portal_key_refused", detail: "Make a new key." };
  await publishFailure(app, id, problem);
  await publishFailure(app, id, problem);
  expect(readMetrics(output())).toEqual([{ ExportsFailed: 1 }]);
  const other = await queueExport(app, "format=xlsx");
  await cancelExport(app, other);
  await publishFailure(app, other.id, problem);
  expect(readMetrics(output())).toHaveLength(1);
});

it.each([
  ["sent", "DeliveriesSent"],
  ["failed", "DeliveriesFailed"],
  ["unknown", "DeliveriesUnknown"],
] as const)("counts a delivery that is %s", async (outcome, figure) => {
  const output = captureOutput();
  await emitDelivery(outcome);
  expect(readMetrics(output())).toEqual([{ [figure]: 1 }]);
});

it("emits metrics with their units, by service, with the ids of the export and the execution", async () => {
  const output = captureOutput();
  await withLogIds({ exportId: "one", executionId: "two" }, () =>
    emitMetrics({ FileBytes: 5, ReportSeconds: 1.5 }),
  );
  const [line] = readMetricLines(output());
  expect(line?.values).toMatchObject({
    exportId: "one",
    executionId: "two",
    FileBytes: 5,
    ReportSeconds: 1.5,
  });
  expect(line?.directive).toEqual({
    Namespace: "offer-export",
    Dimensions: [["service"]],
    Metrics: [
      { Name: "FileBytes", Unit: "Bytes" },
      { Name: "ReportSeconds", Unit: "Seconds" },
    ],
  });
});
