import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import { openSession } from "../../local/durable/durable-client.ts";
import { claimLog, openExecution } from "../../local/durable/execution-log.ts";
import type { Event } from "../../local/durable/execution.ts";
import type { Update } from "../../local/durable/operations.ts";
import { type DurableHandler, type RunnerOptions, startRunner } from "../../local/durable/runner.ts";

/** Makes a clock whose `sleep` returns at once and sets the clock forward. */
export function makeRunnerClock(nowMs = Date.UTC(2026, 0, 1)): Timer & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
    },
  };
}

export async function makeTemporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-durable-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts a runner, by default with a fast clock and a new directory. The runner is closed after the test. */
export async function openRunner(handler: DurableHandler, options: Partial<RunnerOptions> = {}) {
  const directory = options.directory ?? (await makeTemporaryDirectory());
  const runner = await startRunner({ handler, clock: makeRunnerClock(), ...options, directory });
  onTestFinished(() => runner.close());
  const finish = async (name = "one") =>
    await vi.waitFor(
      async () => {
        const description = await runner.describe(name);
        if (description === null || description.status === "RUNNING") throw new Error(`${name} still runs`);
        return description;
      },
      { timeout: 100_000, interval: 5 },
    );
  const complete = async (payload: unknown = {}, name = "one") => {
    await runner.start(name, payload);
    return await finish(name);
  };
  return { ...runner, directory, finish, complete };
}

/** Opens the client that an invocation of an execution would get, without an invocation. */
export async function openClient(clock: Timer = makeRunnerClock()) {
  const path = join(await makeTemporaryDirectory(), "one.ndjson");
  claimLog(path, { kind: "started", atMs: clock.now(), name: "one", payload: "{}" });
  const live = openExecution(path, clock);
  onTestFinished(() => live.close());
  let invocations = 0;
  const reopen = () => {
    const id = String((invocations += 1));
    const [input, client] = openSession(live, { id, isOver: () => false });
    const { CheckpointToken: token, InitialExecutionState: first } = input;
    const getPage = (Marker = "", MaxItems = 0) =>
      client.getExecutionState({ CheckpointToken: token, Marker, MaxItems });
    return { client, token, first, getPage };
  };
  const session = reopen();
  let { token } = session;
  const checkpoint = async (updates: Update[]) => {
    const answer = await session.client.checkpoint({ CheckpointToken: token, Updates: updates });
    token = answer.CheckpointToken;
    return answer.NewExecutionState.Operations;
  };
  return { ...session, checkpoint, reopen };
}

/** Makes updates that each start a step. The ids of the steps are numbers, beginning with `from`. */
export function makeStartUpdates(count: number, from: number): Update[] {
  return Array.from({ length: count }, (_, index) => ({
    Id: String(from + index),
    Type: "STEP",
    Action: "START",
  }));
}

export async function readEvents(directory: string, name = "one"): Promise<Event[]> {
  const text = await readFile(join(directory, `${name}.ndjson`), "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n"));
  return whole.split("\n").map((line): Event => JSON.parse(line));
}

/** Lists the names of the steps that succeeded, from the execution's log. */
export function listSucceededSteps(events: Event[]): string[] {
  const updates = events.flatMap((event) => (event.kind === "checkpoint" ? event.updates : []));
  return updates.flatMap(({ Type, Action, Name = "" }) =>
    Type === "STEP" && Action === "SUCCEED" ? [Name] : [],
  );
}
