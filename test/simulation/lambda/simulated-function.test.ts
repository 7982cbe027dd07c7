import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { functions } from "../../../local/lambda/function-bundle.ts";
import { executionLimits, functionLimits } from "./function-settings.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { openPlannedFaults, zeroRates } from "../faults/planned-faults.ts";
import { openSimulatedFunction } from "./simulated-function.ts";
import { openSimulatedProcess, type SimulatedProcess } from "../time/simulated-process.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";

const minuteMs = 60_000;

type Work = (process: SimulatedProcess, event: string) => Promise<string>;

function openRig(plan: Record<string, string>, work: Work, { timeoutMs = 30_000, retries = 2 } = {}) {
  const clock = openVirtualClock(0);
  const runs: { event: string; process: string; ms: number }[] = [];
  const { call, queue, errors, deadLetters } = openSimulatedFunction<string, string>({
    name: "f",
    timeoutMs,
    retries,
    clock,
    faults: openPlannedFaults(plan),
    trace: openHistoryTrace(clock.now),
    rates: zeroRates.invocation,
    queueRates: zeroRates.queue,
    callRates: zeroRates.call,
    open: (name) => {
      const process = openSimulatedProcess(name, "functions", clock);
      const handler = async (event: string) => {
        runs.push({ event, process: name, ms: clock.now() });
        return await work(process, event);
      };
      return { process, handler };
    },
  });
  return { clock, call, queue, errors, deadLetters, runs };
}

const succeed: Work = async (_process, event) => `${event} done`;
const fail: Work = async () => {
  throw new Error("the function fails");
};

describe("an event in Lambda's queue", () => {
  it("is given to the function once when the function succeeds", async () => {
    const { clock, queue, errors, runs } = openRig({}, succeed);
    queue("a");
    await clock.advance();
    expect([runs.length, errors()]).toEqual([1, 0]);
  });

  it("is repeated after one minute and after two more, and is then a dead letter", async () => {
    const { clock, queue, errors, deadLetters, runs } = openRig({}, fail);
    queue("a");
    await clock.advance();
    const [first = 0, second = 0, third = 0] = runs.map(({ ms }) => ms);
    expect(Math.floor((second - first) / minuteMs)).toBe(1);
    expect(Math.floor((third - second) / minuteMs)).toBe(2);
    expect([runs.length, errors(), deadLetters()]).toEqual([3, 3, ["a"]]);
  });

  it("is not repeated when the function has no retries", async () => {
    const { clock, queue, runs, deadLetters } = openRig({}, fail, { retries: 0 });
    queue("a");
    await clock.advance();
    expect([runs.length, deadLetters()]).toEqual([1, ["a"]]);
  });

  it.each(["crash", "overlap", "freeze", "unreturned"])(
    "is repeated when its invocation is lost: %s",
    async (kind) => {
      const { clock, queue, runs, errors, deadLetters } = openRig(
        { "f invocation #1": kind },
        async (process, event) => {
          await process.clock.sleep(29_000);
          return event;
        },
      );
      queue("a");
      await clock.advance();
      expect([runs.length, errors(), deadLetters()]).toEqual([2, 1, []]);
    },
  );

  it("may come twice, and may come late", async () => {
    const { clock, queue, runs } = openRig({ "f queue #1": "twice", "f queue #2": "late" }, succeed);
    queue("a");
    queue("b");
    await clock.advance();
    expect(runs.map(({ event }) => event)).toEqual(["a", "a", "b"]);
    expect(runs.at(-1)?.ms).toBeGreaterThan(minuteMs);
  });
});

describe("an invocation", () => {
  it("that takes longer than the function's timeout fails, and its process is gone", async () => {
    let hasGoneOn = false;
    const { clock, call, errors, runs } = openRig({}, async (process) => {
      await process.clock.sleep(31_000);
      hasGoneOn = true;
      return "late";
    });
    expect(await clock.complete(call("a"))).toEqual({ kind: "failed" });
    expect(clock.now()).toBeLessThan(34_000);
    await clock.complete(call("b"));
    await clock.advance();
    expect([hasGoneOn, errors(), new Set(runs.map(({ process }) => process)).size]).toEqual([false, 2, 2]);
  });

  it("has an environment of its own while another one runs, and an idle one otherwise", async () => {
    const { clock, call, runs } = openRig({}, async (process, event) => {
      await process.clock.sleep(5_000);
      return event;
    });
    await clock.complete(Promise.all([call("a"), call("b")]));
    await clock.complete(call("c"));
    const [a, b, c] = runs.map(({ process }) => process);
    expect(a).not.toBe(b);
    expect([a, b]).toContain(c);
  });
});

describe("a caller of a function URL", () => {
  it("gets what the function returns", async () => {
    const { clock, call } = openRig({}, succeed);
    expect(await clock.complete(call("a"))).toEqual({ kind: "answered", value: "a done" });
  });

  it("gets an error, and no second try, when the function fails", async () => {
    const { clock, call, runs } = openRig({}, fail);
    expect(await clock.complete(call("a"))).toEqual({ kind: "failed" });
    expect(runs).toHaveLength(1);
  });

  it.each([
    ["unsent", 0],
    ["unanswered", 1],
  ])("may get no answer: %s", async (kind, times) => {
    const { clock, call, runs } = openRig({ "f call #1": kind }, succeed);
    expect(await clock.complete(call("a"))).toEqual({ kind: "none" });
    expect(runs).toHaveLength(times);
  });

  it("may give up while the function goes on", async () => {
    let hasEnded = false;
    const { clock, call } = openRig({}, async (process) => {
      await process.clock.sleep(20_000);
      hasEnded = true;
      return "late";
    });
    expect(await clock.complete(call("a", 10_000))).toEqual({ kind: "none" });
    expect([clock.now(), hasEnded]).toEqual([10_000, false]);
    await clock.advance();
    expect(hasEnded).toBe(true);
  });
});

describe("the limits of the functions", () => {
  const readInfra = (name: string) =>
    readFileSync(new URL(`../../../infra/${name}`, import.meta.url), "utf8");

  it("are those of the deployment", () => {
    const timeouts = Object.entries(functionLimits).map(([name, { timeoutMs }]) => [name, timeoutMs]);
    const deployed = Object.entries(functions).map(([name, { timeoutMs }]) => [name, timeoutMs]);
    expect(Object.fromEntries([...timeouts, ["export", executionLimits.invocationMs]])).toEqual(
      Object.fromEntries(deployed),
    );
    expect(readInfra("export.ts")).toContain(`execution: "${executionLimits.executionMs / 3_600_000} hours"`);
    const [, tick, watch] = /"Tick"[^]*?retries: (\d)[^]*?"Watch"[^]*?retries: (\d)/.exec(
      readInfra("schedules.ts"),
    ) ?? ["", "", ""];
    expect([tick, watch].map(Number)).toEqual([functionLimits.tick.retries, functionLimits.watch.retries]);
    expect(readInfra("mail.ts")).not.toContain("retries:");
  });
});
