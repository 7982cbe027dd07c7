import { workflow } from "sst/aws/workflow";
import { describe, expect, it } from "vitest";
import { ExportError } from "../../../functions/core/basics/errors.ts";
import { openDurableEngine } from "./durable-engine.ts";
import { type FaultSource, openFaultSource } from "../faults/fault-source.ts";
import { executionLimits } from "./function-settings.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { openPlannedFaults, zeroRates } from "../faults/planned-faults.ts";
import { openSimulatedProcess, type SimulatedProcess } from "../time/simulated-process.ts";
import { openSimulatedWorkflow } from "./simulated-workflow.ts";
import { openVirtualClock, type VirtualClock } from "../time/virtual-clock.ts";
import { installVirtualGlobals } from "../time/virtual-globals.ts";

const startMs = Date.UTC(2026, 0, 31, 8);
const hourMs = 3_600_000;

type Invocation = { context: workflow.Context; process: SimulatedProcess; note: (text: string) => void };

/** What the code did: the text, the process, and the ms since the history's start. */
type Note = { text: string; process: string; ms: number };

type Run = {
  work: (invocation: Invocation) => Promise<unknown>;
  faults?: FaultSource;
  rates?: Parameters<typeof openDurableEngine>[0]["rates"];
  limits?: Parameters<typeof openDurableEngine>[0]["limits"];
  /** Called once the execution `one` has begun. */
  during?: (clock: VirtualClock, faults: FaultSource) => Promise<void>;
};

/** Runs the execution `one` to its end and everything that goes on after it. */
async function runExecution({
  work,
  faults = openPlannedFaults({}),
  rates = zeroRates,
  limits = executionLimits,
  during,
}: Run) {
  const clock = openVirtualClock(startMs);
  const uninstall = installVirtualGlobals(clock, "engine");
  try {
    const trace = openHistoryTrace(clock.now);
    const notes: Note[] = [];
    const processes: string[] = [];
    const engine = openDurableEngine({
      clock,
      faults,
      trace,
      rates,
      limits,
      openEnvironment: (name) => {
        const process = openSimulatedProcess(name, "engine", clock);
        processes.push(name);
        const note = (text: string) => void notes.push({ text, process: name, ms: clock.now() - startMs });
        return {
          process,
          handler: workflow.handler((_event, context) => work({ context, process, note })),
        };
      },
    });
    engine.start("one", {});
    await during?.(clock, faults);
    await clock.advance();
    const execution = engine.executions.get("one");
    if (execution === undefined) throw new Error("the execution has not begun");
    return { execution, notes, processes, trace: trace.lines() };
  } finally {
    uninstall();
  }
}

/** Returns work of two steps. Each says in the notes that it has run. */
function makeTwoSteps(firstMs = 1_000) {
  return async ({ context, process, note }: Invocation) => {
    await context.step("first", async () => {
      note("first begins");
      await process.clock.sleep(firstMs);
      note("first");
    });
    return await context.step("second", async () => (note("second"), "done"));
  };
}

const listTexts = (notes: Note[]) => notes.map(({ text }) => text);
const countRuns = (notes: Note[], text: string) => notes.filter((note) => note.text === text).length;

describe("a durable execution", () => {
  it("runs each step once, in one invocation, when nothing goes wrong", async () => {
    const { execution, notes } = await runExecution({ work: makeTwoSteps() });
    expect(execution).toMatchObject({ status: "SUCCEEDED", result: '"done"', invocations: 1 });
    expect(listTexts(notes)).toEqual(["first begins", "first", "second"]);
  });

  it.each(["token", "throttled", "failed"])(
    "runs a step again in another invocation when the end of the step is refused: %s",
    async (kind) => {
      const faults = openPlannedFaults({ "checkpoint of a step's end #1": kind });
      const { execution, notes } = await runExecution({ work: makeTwoSteps(), faults });
      expect(execution).toMatchObject({ status: "SUCCEEDED", result: '"done"', invocations: 2 });
      expect([countRuns(notes, "first"), countRuns(notes, "second")]).toEqual([2, 1]);
    },
  );

  it("keeps a step whose end was applied although its answer was lost", async () => {
    const faults = openPlannedFaults({ "checkpoint of a step's end #1": "unanswered" });
    const { execution, notes } = await runExecution({ work: makeTwoSteps(), faults });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    expect([countRuns(notes, "first"), countRuns(notes, "second")]).toEqual([1, 1]);
  });

  it("goes on after a crash, of which nothing happens later", async () => {
    const faults = openPlannedFaults({ "export invocation #1": "crash" });
    const { execution, notes, processes } = await runExecution({ work: makeTwoSteps(200_000), faults });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    expect(listTexts(notes)).toEqual(["first begins", "first begins", "first", "second"]);
    expect(processes).toEqual(["export-1", "export-2"]);
  });

  it("goes on after an invocation that has run out of time", async () => {
    let attempts = 0;
    const { execution, notes } = await runExecution({
      work: ({ context, process, note }) =>
        context.step("slow", async () => {
          await process.clock.sleep((attempts += 1) === 1 ? 16 * 60_000 : 1_000);
          note("slow");
        }),
    });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    expect(notes).toEqual([expect.objectContaining({ process: "export-2" })]);
    expect(notes[0]?.ms).toBeGreaterThan(15 * 60_000);
  });

  it("has a step that goes on beside its second attempt when two invocations overlap", async () => {
    const faults = openPlannedFaults({ "export invocation #1": "overlap" });
    const { execution, notes } = await runExecution({ work: makeTwoSteps(200_000), faults });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    expect(notes.map(({ text, process }) => `${process} ${text}`)).toEqual([
      "export-1 first begins",
      "export-2 first begins",
      "export-1 first",
      "export-2 first",
      "export-2 second",
    ]);
  });

  it("has a step that goes on beside its second attempt when its environment thaws soon", async () => {
    const planned = openPlannedFaults({ "export invocation #1": "freeze" });
    const faults = { ...planned, drawSide: () => true };
    const { execution, notes } = await runExecution({ work: makeTwoSteps(200_000), faults });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    const late = notes.find(({ text, process }) => text === "first" && process === "export-1");
    expect(startMs + (late?.ms ?? Infinity)).toBeLessThan(execution.endedMs ?? 0);
  });

  it("has a step that goes on after the execution's end when its environment thaws late", async () => {
    const planned = openPlannedFaults({ "export invocation #1": "freeze" });
    const faults = { ...planned, drawSide: () => false };
    const { execution, notes } = await runExecution({ work: makeTwoSteps(200_000), faults });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    expect(notes.at(-1)).toMatchObject({ process: "export-1", text: "first" });
    expect(startMs + (notes.at(-1)?.ms ?? 0)).toBeGreaterThan(execution.endedMs ?? Infinity);
  });

  it("returns again when Lambda has lost what it returned", async () => {
    const faults = openPlannedFaults({ "export invocation #1": "unreturned" });
    const { execution, notes } = await runExecution({ work: makeTwoSteps(), faults });
    expect(execution).toMatchObject({ status: "SUCCEEDED", result: '"done"', invocations: 2 });
    expect([countRuns(notes, "first"), countRuns(notes, "second")]).toEqual([1, 1]);
  });

  it("is invoked again as often as it takes, with growing pauses", async () => {
    const { execution, trace } = await runExecution({
      work: makeTwoSteps(200_000),
      faults: openFaultSource("crashes"),
      rates: { invocation: { crash: 1_000 } },
      during: async (clock, faults) => {
        await clock.advance(startMs + 3 * hourMs);
        faults.calm();
      },
    });
    expect(execution.status).toBe("SUCCEEDED");
    const crashes = trace.filter((line) => line.includes("crash of")).length;
    expect(crashes).toBeGreaterThan(20);
    expect(crashes).toBeLessThan(200);
    expect(execution.operationCount).toBe(2 + execution.invocations - 1);
  });

  it("stops at the answer to a checkpoint when its process has crashed meanwhile", async () => {
    const { execution, notes } = await runExecution({
      work: async ({ context, process, note }) => {
        await context.step("last", async () => process.crash());
        note("after the step");
      },
    });
    expect(execution).toMatchObject({ status: "SUCCEEDED", invocations: 2 });
    expect(notes.map(({ process }) => process)).toEqual(["export-2"]);
  });

  it("is invoked again when it says that it waits, and waits for nothing", async () => {
    let invocations = 0;
    const { execution } = await runExecution({
      limits: { ...executionLimits, executionMs: hourMs },
      work: async ({ context }) => {
        if ((invocations += 1) === 1) return await context.wait("pause", { seconds: 10 });
        return await context.step("other code", async () => "done");
      },
    });
    expect(execution).toMatchObject({ status: "TIMED_OUT", endedMs: startMs + hourMs });
    expect(execution.invocations).toBeGreaterThan(10);
  });

  it("is over after 30 hours, whatever it waits for", async () => {
    const { execution, notes } = await runExecution({
      work: async ({ context, note }) => {
        await context.wait("long", { hours: 31 });
        note("after the wait");
      },
    });
    expect(execution).toMatchObject({ status: "TIMED_OUT", endedMs: startMs + 30 * hourMs });
    expect(notes).toEqual([]);
  });

  it("gets no answer to a checkpoint after its end", async () => {
    const { execution, notes } = await runExecution({
      work: async ({ context, process, note }) => {
        await context.wait("long", { seconds: 30 * 3_600 - 100 });
        await context.step("late", () => process.clock.sleep(300_000));
        note("after the step");
      },
    });
    expect(execution).toMatchObject({ status: "TIMED_OUT", invocations: 2 });
    expect(notes).toEqual([]);
  });

  it("begins hours after its start when it waits in Lambda's queue", async () => {
    const faults = openPlannedFaults({ "execution #1": "late" });
    const { notes } = await runExecution({ work: makeTwoSteps(), faults });
    expect(notes[0]?.ms).toBeGreaterThan(60_000);
    expect(notes[0]?.ms).toBeLessThan(6 * hourMs + 10_000);
  });
});

describe("an environment", () => {
  const work = async ({ context, note }: Invocation) => {
    note("invoked");
    await context.wait("pause", { hours: 1 });
  };

  it("serves one invocation after the other", async () => {
    const { notes } = await runExecution({ work });
    expect(notes.map(({ process }) => process)).toEqual(["export-1", "export-1"]);
  });

  it("is replaced by a new one when it is cold", async () => {
    const faults = openPlannedFaults({ "export invocation #2": "cold" });
    const { notes } = await runExecution({ work, faults });
    expect(notes.map(({ process }) => process)).toEqual(["export-1", "export-2"]);
  });

  it("is frozen between two invocations", async () => {
    const { notes } = await runExecution({
      work: async ({ context, process, note }) => {
        note("invoked");
        void process.clock.sleep(5_000).then(() => note("left over"));
        await context.wait("pause", { hours: 1 });
      },
    });
    expect(listTexts(notes).slice(0, 2)).toEqual(["invoked", "invoked"]);
    expect(listTexts(notes)).toContain("left over");
    expect(notes.find(({ text }) => text === "left over")?.ms).toBeGreaterThanOrEqual(hourMs);
  });
});

describe("the start of an execution", () => {
  type Starts = [id: string, jobName?: string][];

  async function startAll(plan: Record<string, string>, starts: Starts, hasCrashed = false) {
    const clock = openVirtualClock(startMs);
    const uninstall = installVirtualGlobals(clock, "engine");
    try {
      const faults = openPlannedFaults(plan);
      const trace = openHistoryTrace(clock.now);
      const runs: unknown[] = [];
      const openProcess = (name: string) => openSimulatedProcess(name, "engine", clock);
      const engine = openDurableEngine({
        clock,
        faults,
        trace,
        rates: zeroRates,
        openEnvironment: (name) => ({
          process: openProcess(name),
          handler: workflow.handler(async (event) => void runs.push(event)),
        }),
      });
      const user = openProcess("user");
      if (hasCrashed) user.crash();
      const { start } = openSimulatedWorkflow({ engine, clock, faults, trace, rates: zeroRates.start }, user);
      const errors: unknown[] = [];
      let answers = 0;
      for (const [id, jobName] of starts) {
        const started = start(id, jobName).catch((error: unknown) => errors.push(error));
        void started.then(() => (answers += 1));
        await (hasCrashed ? clock.advance() : clock.complete(started));
      }
      const tookMs = clock.now() - startMs;
      const startedNames = [...engine.executions.keys()];
      await clock.advance();
      return { engine, errors, runs, startedNames, tookMs, answers };
    } finally {
      uninstall();
    }
  }

  it("starts one execution for one name and one payload", async () => {
    const { engine, errors, runs } = await startAll({}, [["a"], ["a"], ["a", "job"]]);
    expect(errors).toEqual([]);
    expect(runs).toEqual([{ id: "a" }, { id: "a", errand: "job" }]);
    expect(engine.start("a", { id: "a" })).toBe("exists");
    expect(engine.start("a", { id: "b" })).toBe("conflict");
  });

  it("has an effect, and no answer, when the caller's process has crashed", async () => {
    const { startedNames, answers } = await startAll({}, [["a"]], true);
    expect([startedNames, answers]).toEqual([["a"], 0]);
  });

  it.each([
    ["refused", [], 1, false],
    ["unsent", [], 1, true],
    ["unanswered", ["a"], 1, true],
    ["twice", ["a"], 0, false],
  ])("may fail: %s", async (kind, names, failures, isSlow) => {
    const { errors, startedNames, tookMs, runs } = await startAll({ "workflow start #1": kind }, [["a"]]);
    expect(startedNames).toEqual(names);
    expect(runs).toHaveLength(names.length);
    expect(errors).toHaveLength(failures);
    for (const error of errors) expect(error).toMatchObject({ kind: "workflow", code: "workflow_failed" });
    for (const error of errors) expect(error).toBeInstanceOf(ExportError);
    expect(tookMs >= 10_000).toBe(isSlow);
  });
});

describe("the clocks of processes", () => {
  it("differ by a constant time of at most the skew", async () => {
    const virtual = openVirtualClock(startMs);
    const processes = Array.from({ length: 50 }, (_, number) =>
      openSimulatedProcess(`p-${number}`, "seed", virtual, 2_000),
    );
    const readSkews = () => processes.map(({ clock }) => clock.now() - virtual.now());
    const skews = readSkews();
    expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(2_000);
    expect(Math.min(...skews)).toBeLessThan(-1_000);
    expect(Math.max(...skews)).toBeGreaterThan(1_000);
    await virtual.advance(startMs + hourMs);
    expect(readSkews()).toEqual(skews);
  });
});
