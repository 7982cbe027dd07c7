import { workflow } from "sst/aws/workflow";
import { expect, it } from "vitest";
import { makeTemporaryDirectory, openRunner } from "../support/durable-runner.ts";
import { killAndFinishWorkflow } from "../support/workflow-kills.ts";

it("survives kill -9 at 40 random moments of one execution", { timeout: 300_000 }, async () => {
  const directory = await makeTemporaryDirectory();
  const momentsMs = Array.from({ length: 40 }, () => Math.random() * 120);
  const { isFinished, kills, effects, repeated } = await killAndFinishWorkflow(directory, 100, momentsMs);
  expect({ isFinished, repeated }, `killed after ${momentsMs.join(", ")} ms`).toEqual({
    isFinished: true,
    repeated: [],
  });
  expect(kills).toBeGreaterThan(20);
  expect(new Set(effects).size).toBe(100);
});

it.each([
  [3000, "SUCCEEDED"],
  [3001, "FAILED"],
])("runs a workflow of %d steps to %s", async (count, status) => {
  const handler = workflow.handler(async (_event, context) => {
    for (let step = 1; step <= count; step += 1) await context.step(`step-${step}`, async () => step);
  });
  const { complete } = await openRunner(handler);
  expect(await complete()).toMatchObject({ status, operations: 3000 });
});
