import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { workflow } from "sst/aws/workflow";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startRunner } from "../../../local/durable/runner.ts";
import {
  listSucceededSteps,
  makeRunnerClock,
  makeTemporaryDirectory,
  makeStartUpdates,
  openClient,
  openRunner,
  readEvents,
} from "../../support/durable-runner.ts";
import { killAndFinishWorkflow } from "../../support/workflow-kills.ts";
import { eventually } from "../../support/captured-output.ts";

const never = new Promise<never>(() => undefined);
const noRetry = { retryStrategy: () => ({ shouldRetry: false }) };
const retry = { Type: "STEP", Action: "RETRY", StepOptions: { NextAttemptDelaySeconds: 9 } } as const;
const noError = { error: null };

/** Makes a workflow of two steps with a wait of a minute between the steps. `runs` counts how often each part runs. */
function makeCounter() {
  const runs = { handler: 0, first: 0, second: 0 };
  const handler = workflow.handler<{ from: number }>(async ({ from }, context) => {
    runs.handler += 1;
    const first = await context.step("first", async () => from + (runs.first += 1));
    await context.wait("minute", { minutes: 1 });
    return await context.step("second", async () => first * 10 + (runs.second += 1));
  });
  return { runs, handler };
}

function silenceErrors() {
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => error.mockRestore());
  return error;
}

describe("an execution", () => {
  it("has the return value of its handler as its result", async () => {
    const { complete } = await openRunner(makeCounter().handler);
    expect(await complete({ from: 1 })).toMatchObject({ status: "SUCCEEDED", result: "21", operations: 3 });
  });

  it("replays: a step that succeeded does not run again in the next invocation", async () => {
    const { runs, handler } = makeCounter();
    const { complete } = await openRunner(handler);
    expect(await complete({ from: 1 })).toMatchObject({ invocations: 2, ...noError });
    expect(runs).toEqual({ handler: 2, first: 1, second: 1 });
  });

  it("waits by the given clock, outside of the invocations that are billed", async () => {
    const clock = makeRunnerClock();
    const { handler } = makeCounter();
    const { complete } = await openRunner(handler, { clock });
    const { startedMs, endedMs, billedMs } = await complete({ from: 1 });
    expect([endedMs, billedMs]).toEqual([startedMs + 60_000, 0]);
    expect(clock.slept.reduce((sum, ms) => sum + ms)).toBe(60_000);
  });

  it("bills the time inside of invocations", async () => {
    const clock = makeRunnerClock();
    const handler = workflow.handler(async (_event, context) => {
      await context.step("slow", () => clock.sleep(700));
      await context.wait("pause", { seconds: 5 });
      await context.step("slower", () => clock.sleep(900));
    });
    const { complete } = await openRunner(handler, { clock });
    expect(await complete()).toMatchObject({ invocations: 2, billedMs: 1600 });
  });

  it("has steps, waits and child contexts, also in parallel", async () => {
    const handler = workflow.handler(async (_event, context) =>
      Promise.all(
        ["left", "right"].map((side) =>
          context.runInChildContext(side, async (child) => {
            const one = await child.step("one", async () => `${side} one`);
            await child.wait("pause", { seconds: 3 });
            return [one, await child.step("two", async () => `${side} two`)];
          }),
        ),
      ),
    );
    const { complete } = await openRunner(handler);
    const result = JSON.stringify([
      ["left one", "left two"],
      ["right one", "right two"],
    ]);
    expect(await complete()).toMatchObject({ status: "SUCCEEDED", result, operations: 8 });
  });

  it("notices a wait that ends while something else still runs", async () => {
    const clock = makeRunnerClock();
    const handler = workflow.handler(async (_event, context) => {
      const pause = context.wait("pause", { seconds: 2 });
      const busy = context.step("busy", () => clock.sleep(5000));
      await Promise.all([pause, busy]);
      return "both";
    });
    const { complete } = await openRunner(handler, { clock });
    expect(await complete()).toMatchObject({ result: '"both"', billedMs: 5000 });
  });

  it("passes a long history in pages", async () => {
    let runs = 0;
    const handler = workflow.handler(async (_event, context) => {
      const steps = Array.from({ length: 300 }, (_, index) =>
        context.step(`step-${index}`, async () => (runs += 1)),
      );
      const results = await Promise.all(steps);
      await context.wait("pause", { seconds: 1 });
      return new Set(results).size;
    });
    const { complete } = await openRunner(handler);
    expect(await complete()).toMatchObject({ result: "300", invocations: 2, ...noError });
    expect(runs).toBe(300);
  });
});

describe("a step that fails", () => {
  it("is retried after its delay, which the clock keeps", async () => {
    const clock = makeRunnerClock();
    const timesMs: number[] = [];
    const handler = workflow.handler(async (_event, context) =>
      context.step(
        "flaky",
        async () => {
          timesMs.push(clock.now());
          if (timesMs.length < 3) throw new Error("not yet");
          return "at last";
        },
        { retryStrategy: (_error, attempt) => ({ shouldRetry: true, delay: { seconds: attempt * 10 } }) },
      ),
    );
    const { complete } = await openRunner(handler, { clock });
    const { startedMs, ...rest } = await complete();
    expect(rest).toMatchObject({ result: '"at last"', invocations: 3, operations: 3 });
    expect(timesMs).toEqual([startedMs, startedMs + 10_000, startedMs + 30_000]);
  });

  it("throws its message, with its name in the cause, in this and in later invocations", async () => {
    const handler = workflow.handler(async (_event, context) => {
      const seen: unknown[] = [];
      try {
        await context.step("bad", async () => Promise.reject(new RangeError("too far")), noRetry);
      } catch (error) {
        if (error instanceof Error && error.cause instanceof Error)
          seen.push(error.name, error.message, error.cause.name, error.cause.message);
      }
      await context.wait("pause", { seconds: 1 });
      return seen;
    });
    const { complete } = await openRunner(handler);
    const result = JSON.stringify(["StepError", "too far", "RangeError", "too far"]);
    expect(await complete()).toMatchObject({ status: "SUCCEEDED", result, invocations: 2 });
  });

  it("fails the execution when nobody catches it", async () => {
    const handler = workflow.handler(async (_event, context) =>
      context.step("bad", async () => Promise.reject(new Error("no use")), noRetry),
    );
    const { complete } = await openRunner(handler);
    const error = { name: "StepError", message: "no use" };
    expect(await complete()).toMatchObject({ status: "FAILED", error, result: null });
  });
});

describe("a name", () => {
  it("starts one execution: the same payload finds it, and another payload is a conflict", async () => {
    const { runs, handler } = makeCounter();
    const { start, complete } = await openRunner(handler);
    await complete({ from: 1 });
    expect(await start("one", { from: 1 })).toBe("exists");
    expect(await start("one", { from: 2 })).toBe("conflict");
    expect(runs.first).toBe(1);
  });

  it("starts one execution when several callers use it at once, on other runners too", async () => {
    const { runs, handler } = makeCounter();
    const directory = await makeTemporaryDirectory();
    const runners = [await openRunner(handler, { directory }), await openRunner(handler, { directory })];
    const starts = Array.from({ length: 10 }, () =>
      runners.map((runner) => runner.start("one", { from: 1 })),
    );
    const answers = await Promise.all(starts.flat());
    expect(answers.filter((answer) => answer === "started")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "exists")).toHaveLength(19);
    await runners[0]?.finish();
    expect(runs.first).toBe(1);
  });

  it.each(["", "a/b", "a.b", "..", "x".repeat(65)])("is refused when it is %j", async (name) => {
    const { start, describe: look } = await openRunner(makeCounter().handler);
    await expect(start(name, {})).rejects.toThrow("name of an execution");
    await expect(look(name)).rejects.toThrow("name of an execution");
  });

  it("is unknown until it is started, and is case-sensitive", async () => {
    const { start, describe: look, complete } = await openRunner(makeCounter().handler);
    expect(await look("one")).toBeNull();
    await complete({ from: 1 });
    expect(await start("One", { from: 2 })).toBe("started");
  });
});

describe("a runner that is restarted", () => {
  it("continues running executions, and does not change ended ones", async () => {
    const directory = await makeTemporaryDirectory();
    const { runs, handler } = makeCounter();
    const before = await startRunner({ directory, handler, clock: { now: Date.now, sleep: () => never } });
    await before.start("one", { from: 1 });
    await eventually(async () => expect(listSucceededSteps(await readEvents(directory))).toEqual(["first"]));
    await before.close();
    expect(await before.describe("one")).toMatchObject({ status: "RUNNING", invocations: 1 });

    const after = await openRunner(handler, { directory, clock: makeRunnerClock(Date.now()) });
    expect(await after.finish()).toMatchObject({ result: "21", invocations: 2 });
    expect(runs).toEqual({ handler: 2, first: 1, second: 1 });

    const later = await openRunner(handler, { directory });
    expect(await later.describe("one")).toMatchObject({ status: "SUCCEEDED", result: "21" });
    expect(runs.handler).toBe(2);
  });

  it("does not wait longer because its clock is behind the one before", async () => {
    const directory = await makeTemporaryDirectory();
    const { handler } = makeCounter();
    const ahead = Date.UTC(2030, 0, 1);
    const before = await startRunner({ directory, handler, clock: { now: () => ahead, sleep: () => never } });
    await before.start("one", { from: 1 });
    await eventually(async () => expect(listSucceededSteps(await readEvents(directory))).toEqual(["first"]));
    await before.close();

    const clock = makeRunnerClock();
    const after = await openRunner(handler, { directory, clock });
    expect(await after.finish()).toMatchObject({ startedMs: ahead, endedMs: ahead + 60_000 });
  });

  it("ignores an incomplete last line of the log", async () => {
    const directory = await makeTemporaryDirectory();
    const { runs, handler } = makeCounter();
    const before = await startRunner({ directory, handler, clock: { now: Date.now, sleep: () => never } });
    await before.start("one", { from: 1 });
    await eventually(async () => expect(listSucceededSteps(await readEvents(directory))).toEqual(["first"]));
    await before.close();
    await appendFile(join(directory, "one.ndjson"), '{"kind":"checkpoint","atMs":1,"upd');

    const after = await openRunner(handler, { directory, clock: makeRunnerClock(Date.now()) });
    expect(await after.finish()).toMatchObject({ status: "SUCCEEDED", result: "21" });
    expect(runs.first).toBe(1);
    expect(await readFile(join(directory, "one.ndjson"), "utf8")).not.toContain('"upd{');
  });

  it("survives kill -9 at any moment: each step succeeds, and no succeeded step runs again", async () => {
    const directory = await makeTemporaryDirectory();
    const momentsMs = Array.from({ length: 5 }, () => Math.random() * 150);
    const { isFinished, effects, repeated } = await killAndFinishWorkflow(directory, 12, momentsMs);
    expect({ isFinished, repeated }, `killed after ${momentsMs.join(", ")} ms`).toEqual({
      isFinished: true,
      repeated: [],
    });
    expect(new Set(effects).size).toBe(12);
  }, 30_000);
});

describe("the service's limits", () => {
  it("are 3,000 operations an execution, each retry counted", async () => {
    const { checkpoint } = await openClient();
    for (let batch = 0; batch < 11; batch += 1) await checkpoint(makeStartUpdates(250, batch * 250));
    await checkpoint([...makeStartUpdates(249, 2750), { ...retry, Id: "0" }]);
    await expect(checkpoint(makeStartUpdates(1, 3000))).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: "An execution holds at most 3000 operations.",
      $metadata: { httpStatusCode: 400 },
    });
  });

  const returnText = (length: number) =>
    workflow.handler(async (_event, context) => {
      await context.step("large", async () => "x".repeat(length));
      return "stored";
    });

  it("are 256 KB a step's result, the JSON's quotes included", async () => {
    const { complete } = await openRunner(returnText(256 * 1024 - 2));
    expect(await complete()).toMatchObject({ status: "SUCCEEDED", result: '"stored"' });
  });

  it("fail an execution with a step's result that is larger", async () => {
    const { complete } = await openRunner(returnText(256 * 1024 - 1));
    const { status, error } = await complete();
    expect({ status, message: error?.message }).toEqual({
      status: "FAILED",
      message: expect.stringContaining("less than or equal to 262144 bytes"),
    });
  });

  it.each([0, 0.5, 31_622_401])("do not allow a wait of %d seconds", async (seconds) => {
    const handler = workflow.handler(async (_event, context) => context.wait("odd", { seconds }));
    const { complete } = await openRunner(handler);
    const { status, error } = await complete();
    expect([status, error?.message]).toEqual(["FAILED", expect.stringContaining("waitSeconds")]);
  });

  it("end an execution that takes too long", async () => {
    const { handler } = makeCounter();
    const { complete } = await openRunner(handler, { executionTimeoutMs: 30_000 });
    const { status, startedMs, endedMs } = await complete({ from: 1 });
    expect([status, endedMs]).toEqual(["TIMED_OUT", startedMs + 30_000]);
  });

  it("cut off an invocation that takes longer than 15 minutes, which is then tried again", async () => {
    const error = silenceErrors();
    const clock = makeRunnerClock();
    let runs = 0;
    const handler = workflow.handler(async (_event, context) =>
      context.step("slow", async () => {
        runs += 1;
        await clock.sleep(runs === 1 ? 16 * 60_000 : 1000);
        return runs;
      }),
    );
    const { complete } = await openRunner(handler, { clock });
    expect(await complete()).toMatchObject({ status: "SUCCEEDED", result: "2", invocations: 2 });
    expect(error).toHaveBeenCalledWith(expect.stringContaining("ran out of time"));
  });

  it("end a handler that hangs", async () => {
    silenceErrors();
    const handler = workflow.handler(async () => never);
    const { complete } = await openRunner(handler, { invocationTimeoutMs: 10 });
    const failed = { status: "FAILED", error: { name: "TimeoutError" }, invocations: 5 };
    expect(await complete()).toMatchObject(failed);
  });
});

describe("an invocation that breaks", () => {
  it("is tried again after a while, and then goes on from the last step that was done", async () => {
    const error = silenceErrors();
    const { runs, handler } = makeCounter();
    let invocations = 0;
    const clock = makeRunnerClock();
    const { complete } = await openRunner(
      async (...args) => {
        invocations += 1;
        if (invocations === 2) throw new Error("out of memory");
        return await handler(...args);
      },
      { clock },
    );
    const { startedMs, endedMs, result } = await complete({ from: 1 });
    expect([result, endedMs]).toEqual(["21", startedMs + 65_000]);
    expect(runs.first).toBe(1);
    expect(error).toHaveBeenCalledWith("workflow one: Error: out of memory");
  });

  it("cannot record the result of a step that it still runs", async () => {
    silenceErrors();
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<string>();
    let runs = 0;
    const handler = workflow.handler(async (_event, context) =>
      context.step("slow", async () => {
        runs += 1;
        begun.resolve();
        if (runs === 1) return await release.promise;
        release.resolve("too late");
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
        return "in time";
      }),
    );
    const { complete } = await openRunner(async (...args) => {
      const output = handler(...args);
      await begun.promise;
      if (runs === 1) throw new Error("out of memory");
      return await output;
    });
    expect(await complete()).toMatchObject({ status: "SUCCEEDED", result: '"in time"', invocations: 2 });
  });

  it("fails the execution when it breaks five times in a row", async () => {
    silenceErrors();
    const { complete } = await openRunner(async () => Promise.reject(new Error("no such module")));
    const error = { name: "Error", message: "no such module" };
    expect(await complete()).toMatchObject({ status: "FAILED", error, invocations: 5 });
  });

  it("fails the execution when the handler answers PENDING without a pending operation", async () => {
    silenceErrors();
    let runs = 0;
    const handler = workflow.handler(async (_event, context) => {
      runs += 1;
      await context.step(`step-${Math.min(runs, 2)}`, async () => runs);
      await context.wait("pause", { seconds: 1 });
    });
    const { complete } = await openRunner(handler);
    const { status, error } = await complete();
    expect([status, error?.message]).toEqual(["FAILED", expect.stringContaining("no pending operations")]);
  });
});

describe("the client that an invocation gets", () => {
  it("gives the state in pages of 100, or of a requested number up to 1,000", async () => {
    const { checkpoint, reopen } = await openClient();
    for (let batch = 0; batch < 5; batch += 1) await checkpoint(makeStartUpdates(250, batch * 250));
    const { first, getPage } = reopen();
    expect(first.Operations[0]).toMatchObject({
      Type: "EXECUTION",
      ExecutionDetails: { InputPayload: "{}" },
    });
    const second = await getPage(first.NextMarker);
    const third = await getPage(second.NextMarker, 5000);
    const fourth = await getPage(third.NextMarker, 1000);
    const pages = [first, second, third, fourth];
    expect(pages.map((page) => page.Operations.length)).toEqual([100, 100, 1000, 51]);
    expect(fourth.NextMarker).toBeUndefined();
    const ids = pages.flatMap((page) => page.Operations.map(({ Id }) => Id));
    expect(ids.slice(1)).toEqual(Array.from({ length: 1250 }, (_, index) => String(index)));
  });

  it("accepts each token once, and no token of an earlier invocation", async () => {
    const { checkpoint, client, token, reopen } = await openClient();
    await checkpoint(makeStartUpdates(1, 0));
    const stale = { message: "Invalid checkpoint token" };
    await expect(client.checkpoint({ CheckpointToken: token })).rejects.toMatchObject(stale);
    const { client: next } = reopen();
    await expect(next.checkpoint({ CheckpointToken: token })).rejects.toMatchObject(stale);
  });

  it("shows a retry's time by the system's clock, and that it is ready by the runner's clock", async () => {
    const clock = makeRunnerClock();
    const { checkpoint } = await openClient(clock);
    await checkpoint(makeStartUpdates(1, 0));
    const nowMs = Date.now();
    const [pending] = await checkpoint([{ ...retry, Id: "0" }]);
    expect(pending).toMatchObject({ Status: "PENDING", StepDetails: { Attempt: 1 } });
    const dueMs = pending?.StepDetails?.NextAttemptTimestamp?.getTime() ?? 0;
    expect(dueMs).toBeGreaterThanOrEqual(nowMs + 9000);
    await clock.sleep(8999);
    expect(await checkpoint([])).toEqual([]);
    await clock.sleep(1);
    expect(await checkpoint([])).toMatchObject([{ Id: "0", Status: "READY", StepDetails: { Attempt: 1 } }]);
  });

  it("refuses an update that does not fit the operation's state", async () => {
    const { checkpoint } = await openClient();
    await checkpoint(makeStartUpdates(1, 0));
    await expect(checkpoint(makeStartUpdates(1, 0))).rejects.toThrow("Invalid current STEP state to start");
    await checkpoint([{ Id: "0", Type: "STEP", Action: "SUCCEED", Payload: "1" }]);
    await expect(checkpoint([{ ...retry, Id: "0" }])).rejects.toThrow("Invalid current STEP state to retry");
  });
});

describe("stopping", () => {
  it("ends an execution that waits, for good", async () => {
    const directory = await makeTemporaryDirectory();
    const { runs, handler } = makeCounter();
    const clock = { now: Date.now, sleep: () => never };
    const { start, stop, describe: look } = await openRunner(handler, { directory, clock });
    await start("one", { from: 1 });
    await eventually(async () => expect(listSucceededSteps(await readEvents(directory))).toEqual(["first"]));
    await stop("one");
    expect(await look("one")).toMatchObject({ status: "STOPPED", result: null });
    expect(await start("one", { from: 1 })).toBe("exists");

    const after = await openRunner(handler, { directory });
    expect(await after.describe("one")).toMatchObject({ status: "STOPPED" });
    expect(runs.second).toBe(0);
  });

  it("ignores the result of a step that still runs", async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const done: string[] = [];
    const handler = workflow.handler(async (_event, context) => {
      await context.step("slow", async () => {
        begun.resolve();
        await release.promise;
      });
      done.push("after");
    });
    const { start, stop, close, describe: look } = await openRunner(handler);
    await start("one", {});
    await begun.promise;
    await stop("one");
    release.resolve();
    await close();
    expect(await look("one")).toMatchObject({ status: "STOPPED", error: null });
    expect(done).toEqual([]);
  });

  it("does nothing to an execution that has ended or never existed", async () => {
    const { complete, stop, describe: look } = await openRunner(makeCounter().handler);
    await complete({ from: 1 });
    await stop("one");
    await stop("two");
    expect(await look("one")).toMatchObject({ status: "SUCCEEDED" });
    expect(await look("two")).toBeNull();
  });
});

describe("closing", () => {
  it("waits for the running invocation, and starts no other", async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const handler = workflow.handler(async (_event, context) => {
      await context.step("slow", async () => {
        begun.resolve();
        await release.promise;
      });
      await context.wait("pause", { seconds: 1 });
    });
    const { start, close, describe: look } = await openRunner(handler);
    await start("one", {});
    await begun.promise;
    const closed = close();
    release.resolve();
    await closed;
    expect(await look("one")).toMatchObject({ status: "RUNNING", invocations: 1, operations: 2 });
    await expect(start("two", {})).rejects.toThrow("closed");
  });
});
