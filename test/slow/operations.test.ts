import { expect, it } from "vitest";
import { readExport } from "../../functions/io/exports.ts";
import { createWorkflow, runExport } from "../../functions/workflow.ts";
import { prepareExport } from "../../local/bench/exports.ts";
import { openStillPortal } from "../../local/bench/still.ts";
import { createVirtualClock } from "../../local/bench/virtual.ts";
import { maxOperations } from "../../local/durable/limit.ts";
import { openRunner } from "../support/durable.ts";
import { openTestPortal } from "../support/portal.ts";
import { openTestStack } from "../support/stack.ts";
import { makeSteps } from "../support/steps.ts";

const timeout = 300_000;

/** An export that is about to begin, from a list of so many pages that stands still, on a clock that jumps. */
async function openStill(pages: number) {
  const clock = createVirtualClock(Date.now());
  const { portal } = openStillPortal({ kind: "fixed", pages, clock });
  const { world: real } = await openTestStack(await openTestPortal({}), {}, clock);
  const world = { ...real, portal: { ...real.portal, ...portal } };
  const { id } = await prepareExport(world, "csv");
  return { world, id, clock };
}

/** The steps and waits of such an export, without the SDK: it replays all of them in each of its invocations. */
async function listSteps(pages: number) {
  const { world, id, clock } = await openStill(pages);
  const steps = makeSteps(clock);
  await runExport(steps, world, id);
  expect(await readExport(world, id)).toMatchObject({ status: "succeeded", result: { pages, rows: pages } });
  return steps.names;
}

it(
  "has two operations a window at most, which fit into an execution at 45,000 pages",
  { timeout },
  async () => {
    const names = await listSteps(45_000);
    const windows = names.filter((name) => name.startsWith("window-"));
    const others = names.filter((name) => !/^(window|reopening)-/.test(name));
    expect(others).toEqual(["turn-1", "verify-1", "seal-1", "turn-2", "report", "publish"]);
    expect(names.length - others.length).toBeLessThanOrEqual(2 * windows.length);
    expect(names.length).toBeLessThan(maxOperations);
  },
);

it("has an operation of its execution for each step and each wait", async () => {
  const { world, id, clock } = await openStill(330);
  const { complete } = await openRunner(createWorkflow(world), { clock });
  const described = await complete({ id }, id);
  const names = await listSteps(330);
  expect(described).toMatchObject({ status: "SUCCEEDED", operations: names.length });
  expect(names.filter((name) => name.startsWith("window-")).length).toBeGreaterThan(5);
});
