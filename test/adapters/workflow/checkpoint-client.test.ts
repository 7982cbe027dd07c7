import { workflow } from "sst/aws/workflow";
import { describe, expect, it } from "vitest";
import { ExportState } from "../../../functions/core/export/export-state.ts";
import { exportKey } from "../../../functions/core/basics/bucket-keys.ts";
import { openCheckpointClient } from "../../../functions/adapters/workflow/durable-steps.ts";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { refuse, ServiceError } from "../../../local/durable/service-limits.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { openRunner, readEvents } from "../../support/durable-runner.ts";
import { openLambdaApi } from "../../support/lambda-api.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { fakeClock, openTestPortal } from "../../support/test-portal.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import { openTestStack } from "../../support/test-stack.ts";

/** Runs an execution of two steps. The checkpoint that ends the first step is refused once, with this error. */
async function refuseOnce(error: ServiceError) {
  captureOutput();
  let refusals = 0;
  const { invokePlainly } = await openLambdaApi(({ Updates = [] }) => {
    if (refusals > 0 || !Updates.some(({ Name, Action }) => Name === "first" && Action === "SUCCEED")) return;
    refusals += 1;
    throw error;
  });
  const runs = { first: 0, second: 0 };
  const work = async (_event: unknown, context: workflow.Context) => {
    const first = await context.step("first", async () => (runs.first += 1));
    return await context.step("second", async () => first * 10 + (runs.second += 1));
  };
  const handler = workflow.handler(work, { client: openCheckpointClient() });
  const { complete, directory } = await openRunner(invokePlainly(handler));
  const { status, result, invocations } = await complete();
  expect(refusals).toBe(1);
  return { status, result, invocations, runs, events: await readEvents(directory) };
}

describe("a refused checkpoint", () => {
  it.each([
    "Invalid checkpoint token",
    "Invalid Checkpoint Token",
    "invalid checkpoint token: it has expired",
    "INVALID CHECKPOINT TOKEN.",
    "1 error: Invalid checkpoint token",
  ])("with «%s» ends the invocation, and the execution goes on", async (message) => {
    const { status, result, invocations, runs, events } = await refuseOnce(refuse(message));
    expect({ status, result, invocations }).toEqual({ status: "SUCCEEDED", result: "21", invocations: 2 });
    expect(runs).toEqual({ first: 2, second: 1 });
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "returned", outcome: expect.objectContaining({ kind: "fault" }) }),
    );
  });

  it("ends the execution when the invocation has broken a rule", async () => {
    const { status, invocations } = await refuseOnce(refuse("Invalid current STEP state to succeed."));
    expect({ status, invocations }).toEqual({ status: "FAILED", invocations: 1 });
  });
});

const kinds = ["window-1-2", "verify-1", "seal-1", "report"];

it("an export completes although the end of each step is refused once", { timeout: 60_000 }, async () => {
  captureOutput();
  const clock = fakeClock(Date.now());
  const portal = await openTestPortal({ offers: rawOffers(200), limit: 8, clock });
  const { app } = await openTestStack(portal, {}, clock);
  const { id } = await queueExport(app, "format=csv&customers=false");
  const refused = new Set<string>();
  const { invokePlainly } = await openLambdaApi(({ Updates = [] }) => {
    const ends = Updates.filter(({ Type, Action }) => Type === "STEP" && Action === "SUCCEED");
    const names = ends.map(({ Name = "" }) => Name);
    const name = names.find((one) => kinds.includes(one) && !refused.has(one));
    if (name === undefined) return;
    refused.add(name);
    throw refuse("Invalid checkpoint token");
  });
  const runner = await openRunner(invokePlainly(createExportWorkflow(app)), { clock });
  expect(await runner.complete({ id }, id)).toMatchObject({ status: "SUCCEEDED" });
  expect([...refused]).toEqual(kinds);
  const state = await app.bucket.readJson(exportKey(id), ExportState);
  expect(state).toMatchObject({ status: "succeeded", result: { rows: 200, completeness: "complete" } });
});
