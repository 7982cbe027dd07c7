import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workflow } from "sst/aws/workflow";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type DurableSteps, openDurableSteps } from "../../../functions/adapters/workflow/durable-steps.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { readRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { failExports, startRunner } from "../../../local/durable/runner.ts";
import { makeRunnerClock, makeTemporaryDirectory, openRunner } from "../../support/durable-runner.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { openTestPortal } from "../../support/test-portal.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import { openTestStack } from "../../support/test-stack.ts";

/** A version of a workflow's code. A step of the workflow calls `ran` with its name when it runs. */
type Code = (steps: DurableSteps, ran: (name: string) => Promise<void>) => Promise<unknown>;

/** Hides the output of the runner and of failing steps. Returns the spy on `console.error`. */
function silenceErrors() {
  captureOutput();
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => error.mockRestore());
  return error;
}

/** Makes a clock that stands still. A wait by this clock never ends, so another runner must continue the execution. */
const still = () => ({ ...makeRunnerClock(), sleep: () => new Promise<void>(() => undefined) });

function makeHandler(code: Code) {
  const ran: string[] = [];
  const run = async (name: string) => void ran.push(name);
  const handler = workflow.handler(async (_event, context) => {
    await code(openDurableSteps(context, "one"), run);
  });
  return { ran, handler };
}

/** Starts an execution with the code `before`. After the execution's wait, resumes it with the code `after`. */
async function change(before: Code, after: Code) {
  const log = silenceErrors();
  const directory = await makeTemporaryDirectory();
  const old = await startRunner({ directory, handler: makeHandler(before).handler, clock: still() });
  await old.start("one", {});
  await vi.waitFor(async () =>
    expect(await old.describe("one")).toMatchObject({ invocations: 1, billedMs: 0 }),
  );
  await old.close();
  const { ran, handler } = makeHandler(after);
  const failures: unknown[] = [];
  const clock = makeRunnerClock(Date.UTC(2026, 0, 2));
  const onFailed = async (failure: unknown) => void failures.push(failure);
  const runner = await openRunner(handler, { directory, clock, onFailed });
  const ended = await runner.finish();
  await runner.finish();
  return { ended, ran, failures, log };
}

const step =
  (name: string): Code =>
  (steps, ran) =>
    steps.step(name, () => ran(name));
const pause =
  (name: string): Code =>
  (steps) =>
    steps.wait(name, 60);
/** Makes a step that fails with an error and is retried later. */
const broken =
  (name: string): Code =>
  (steps) =>
    steps.step(name, () => Promise.reject(new Error("away")));

const run =
  (...operations: Code[]): Code =>
  async (steps, ran) => {
    for (const operation of operations) await operation(steps, ran);
  };

describe("a history that another version of the code has begun", () => {
  const [a, b, w] = [step("a"), step("b"), pause("w")];

  it.each([
    ["a step that has another name", run(a, w), run(step("other"), w, b)],
    ["a step before all others", run(a, w), run(step("first"), a, w, b)],
    ["a step between others", run(a, w), run(a, b, w)],
    ["no first step", run(a, b, w), run(b, w, step("c"))],
    ["no step in the midst", run(a, b, w), run(a, w, step("c"))],
    ["steps in another order", run(a, b, w), run(b, a, w)],
    ["a wait where a step was", run(a, b, w), run(a, w, b)],
    ["a step where a wait was", run(a, w), run(a, step("w"), b)],
    ["a wait of another name", run(a, w), run(a, pause("other"), b)],
    ["a step that is to be tried again, by another name", run(a, broken("x")), run(a, broken("y"))],
    ["a wait where a step is to be tried again", run(a, broken("x")), run(a, w)],
    ["a step before one that is to be tried again", run(broken("x")), run(a, broken("x"))],
  ])("fails at once with the reason when the code has %s", async (_, before, after) => {
    const { ended, ran, failures, log } = await change(before, after);
    expect(ended).toMatchObject({
      status: "FAILED",
      invocations: 2,
      error: {
        name: "NonDeterministicExecutionError",
        message: expect.stringMatching(/^The code has changed since the execution began/),
      },
    });
    expect(ran).toEqual([]);
    expect(failures).toEqual([{ name: "one", payload: {}, error: ended.error }]);
    expect(String(log.mock.calls)).toContain("The code has changed");
  });

  it.each([
    ["the same steps", run(a, w, b), run(a, w, b)],
    ["steps after what has been done", run(a, w), run(a, w, b)],
  ])("continues when the code has %s", async (_, before, after) => {
    const { ended, ran, failures } = await change(before, after);
    expect(ended).toMatchObject({ status: "SUCCEEDED", error: null });
    expect(ran).toEqual(["b"]);
    expect(failures).toEqual([]);
  });

  it("continues when the changed step is one that is retried", async () => {
    const { ended, ran } = await change(run(a, broken("x")), run(a, step("x"), b));
    expect(ended).toMatchObject({ status: "SUCCEEDED" });
    expect(ran).toEqual(["x", "b"]);
  });
});

describe("an export that another version has begun", () => {
  it.each([
    ["another step", run(step("another"), pause("w"))],
    ["a wait", run(pause("turn-1"))],
    ["a step that is to be tried again", run(broken("another"))],
  ])("fails with the reason when it began with %s", async (_, before) => {
    silenceErrors();
    const portal = await openTestPortal({ offers: rawOffers(3) });
    const { app, ask } = await openTestStack(portal);
    const { id } = await queueExport(app);
    const directory = await makeTemporaryDirectory();
    const old = await startRunner({ directory, handler: makeHandler(before).handler, clock: still() });
    await old.start(id, { id });
    await vi.waitFor(async () => expect((await old.describe(id))?.operations).toBeGreaterThan(0));
    await old.close();
    const clock = makeRunnerClock(Date.UTC(2026, 0, 2));
    const handler = createExportWorkflow(app);
    const runner = await startRunner({ directory, handler, clock, onFailed: failExports(app) });
    onTestFinished(() => runner.close());
    await runner.finish(id);
    expect(await (await ask(`exports/${id}`)).json()).toMatchObject({
      status: "failed",
      problem: { code: "version_changed", detail: expect.stringContaining("another version") },
    });
    expect(portal.requests).toEqual([]);
    expect(await (await ask("export")).json()).toMatchObject({ status: "succeeded" });
  });

  it("sends no more requests when it fails, and releases the crawl for the next export", async () => {
    silenceErrors();
    const portal = await openTestPortal({ offers: rawOffers(100), limit: 3 });
    const { app } = await openTestStack(portal);
    const { id } = await queueExport(app);
    const directory = await makeTemporaryDirectory();
    const options = { directory, handler: createExportWorkflow(app), clock: still() };
    const old = await startRunner(options);
    await old.start(id, { id });
    await vi.waitFor(async () =>
      expect(await old.describe(id)).toMatchObject({ invocations: 1, operations: 3 }),
    );
    await old.close();
    const path = join(directory, `${id}.ndjson`);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll('"window-1-1"', '"window-of-before"'));
    const requests = portal.requests.length;
    const clock = makeRunnerClock(Date.UTC(2026, 0, 2));
    const runner = await startRunner({ ...options, clock, onFailed: failExports(app) });
    onTestFinished(() => runner.close());
    await runner.finish(id);
    expect(await readExport(app, id)).toMatchObject({ problem: { code: "version_changed" } });
    expect((await readRegistry(app)).lease).toBeNull();
    expect(portal.requests).toHaveLength(requests);
  });

  it("fails when its execution crashes repeatedly", async () => {
    silenceErrors();
    const { app } = await openTestStack(await openTestPortal({}));
    const { id } = await queueExport(app);
    const handler = () => Promise.reject(new Error("no such module"));
    const runner = await openRunner(handler, { onFailed: failExports(app) });
    await runner.start(id, { id });
    await runner.finish(id);
    await vi.waitFor(async () =>
      expect(await readExport(app, id)).toMatchObject({
        status: "failed",
        problem: { code: "internal_error" },
      }),
    );
  });
});
