import { workflow } from "sst/aws/workflow";
import { expect, it } from "vitest";
import { makeTemporaryDirectory, openRunner } from "../support/durable-runner.ts";
import { killAndFinishWorkflow } from "../support/workflow-kills.ts";

it("survives kill -9 at 12 random moments of one execution", async () => {
  const directory = await makeTemporaryDirectory();
  const momentsMs = Array.from({ length: 12 }, () => Math.random() * 120);
  const { isFinished, kills, effects, repeated } = await killAndFinishWorkflow(directory, 100, momentsMs);
  expect({ isFinished, repeated }, `killed after ${momentsMs.join(", ")} ms`).toEqual({
    isFinished: true,
    repeated: [],
  });
  expect(kills).toBeGreaterThan(6);
  expect(new Set(effects).size).toBe(100);
});

it("runs a workflow of 3,000 steps, and fails at the next", async () => {
  const handler = workflow.handler(async (_event, context) => {
    for (let step = 1; step <= 3_001; step += 1) await context.step(`step-${step}`, async () => step);
  });
  const { complete } = await openRunner(handler);
  expect(await complete()).toMatchObject({ status: "FAILED", operations: 3_000 });
});
