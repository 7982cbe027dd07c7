import { LocalDurableTestRunner } from "@aws/durable-execution-sdk-js-testing";
import { expect, it, onTestFinished } from "vitest";
import { readExport } from "../../functions/app/export/export-store.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { prepareExport } from "../../local/bench/bench-data.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { openTestStack } from "../support/test-stack.ts";

it("runs an export to its end on AWS's own runner for tests too", async () => {
  const { app } = await openTestStack(await openTestPortal({ offers: rawOffers(100) }));
  const { id } = await prepareExport(app);
  // This call comes after the start of the servers, because AWS's test library replaces the timers.
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true });
  onTestFinished(() => LocalDurableTestRunner.teardownTestEnvironment());
  const runner = new LocalDurableTestRunner({ handlerFunction: createExportWorkflow(app) });
  const execution = await runner.run({ payload: { id } });
  expect(execution.getStatus()).toBe("SUCCEEDED");
  const names = execution.getOperations().map((operation) => operation.getName());
  expect(names).toEqual([
    "turn-1",
    "window-1-1",
    "verify-1",
    "seal-1",
    "turn-2",
    "names-1",
    "report",
    "deliver-1",
  ]);
  expect(await readExport(app, id)).toMatchObject({ status: "succeeded", result: { rows: 100 } });
});
