import { openSession } from "../../../local/durable/durable-client.ts";
import type { RunningExecution } from "../../../local/durable/execution-log.ts";
import {
  applyEvent,
  beginExecution,
  type Event,
  type Execution,
  findNextWake,
  type Outcome,
} from "../../../local/durable/execution.ts";
import { type DurableHandler, type InvocationInput, makeInput } from "../../../local/durable/operations.ts";
import { type CheckpointFault, openCheckpoints } from "./engine-checkpoints.ts";
import type { FaultRates, FaultSource } from "../faults/fault-source.ts";
import { type Environment, type InvocationFault, openEnvironments } from "./function-environments.ts";
import { executionLimits } from "./function-settings.ts";
import type { HistoryTrace } from "../time/history-trace.ts";
import type { VirtualClock } from "../time/virtual-clock.ts";

export type EngineSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: {
    invocation?: FaultRates<InvocationFault>;
    checkpoint?: FaultRates<CheckpointFault>;
    /** `late`: the execution waits for hours in Lambda's queue before its first invocation. */
    execution?: FaultRates<"late">;
  };
  openEnvironment: (name: string) => DurableEnvironment;
  limits?: { invocationMs: number; executionMs: number };
};

type Output = Awaited<ReturnType<DurableHandler>>;
export type DurableEnvironment = Environment<InvocationInput, Output>;

export type DurableEngine = {
  /**
   * Starts an execution. Starts nothing when an execution has this name: answers "exists" when the payloads are equal,
   * and "conflict" when they differ.
   */
  start: (name: string, payload: unknown) => "started" | "exists" | "conflict";
  executions: ReadonlyMap<string, Execution>;
};

/** The time in Lambda's queue before an execution's first invocation. An event stays there for at most six hours. */
const queueMs = { min: 5, max: 1_500, maxLate: 6 * 3_600_000 };
/** The bounds of the exponential pauses after failed invocations. */
const pausesMs = { base: 1_000, max: 300_000 };

/**
 * Runs durable executions in memory. The real SDK drives the handler, and the rules of a history are those of the local
 * runner. A failed invocation is followed by another one, until one succeeds or the execution's time is up:
 * https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk-retries.html
 */
export function openDurableEngine(settings: EngineSettings): DurableEngine {
  const { clock, faults, trace, rates, limits = executionLimits } = settings;
  const executions = new Map<string, Execution>();
  const openClient = openCheckpoints({ clock, faults, trace, rates: rates.checkpoint ?? {} });
  const environments = openEnvironments({
    name: "export",
    timeoutMs: limits.invocationMs,
    clock,
    faults,
    trace,
    rates: rates.invocation ?? {},
    open: settings.openEnvironment,
  });

  async function drive(live: RunningExecution): Promise<void> {
    const { execution } = live;
    const isLate = faults.drawFault("execution", rates.execution ?? {}) !== null;
    await clock.sleep(faults.drawDelayMs("execution", queueMs.min, isLate ? queueMs.maxLate : queueMs.max));
    let failures = 0;
    while (execution.status === "RUNNING") {
      const waitMs = execution.wakeMs - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs);
      if (isRunning(execution)) failures = (await invoke(live)) ? 0 : failures + 1;
      if (failures === 0) continue;
      // Lambda counts each of these retries as an operation.
      execution.operationCount += 1;
      const maxMs = Math.min(pausesMs.base * 2 ** failures, pausesMs.max);
      await clock.sleep(faults.drawDelayMs("engine retry", pausesMs.base / 2, maxMs));
      execution.wakeMs = clock.now();
    }
    trace.note("engine", `${execution.name} ${execution.status}`);
  }

  /** Invokes the handler once. Returns false when the invocation has failed. */
  async function invoke(live: RunningExecution): Promise<boolean> {
    const { execution, record } = live;
    let isOver = false;
    record({ kind: "invoked", atMs: clock.now() });
    const ended = await environments.invoke((process, id) => {
      trace.note("engine", `${execution.name} runs as ${id}`);
      const [input, session] = openSession(live, { id, isOver: () => isOver });
      return makeInput(input, openClient(session, process));
    });
    isOver = true;
    const outcome = ended.kind === "returned" ? readOutcome(ended.value) : null;
    if (outcome === null) return false;
    // Lambda accepts this answer only when something will wake the execution.
    if (outcome.kind === "pending" && findNextWake(execution.operations) === Infinity) return false;
    record({ kind: "returned", atMs: clock.now(), billedMs: 0, realMs: 0, outcome });
    return true;
  }

  return {
    executions,
    start(name, payload) {
      const text = JSON.stringify(payload);
      const known = executions.get(name);
      if (known !== undefined) return known.payload === text ? "exists" : "conflict";
      const execution = beginExecution({ kind: "started", atMs: clock.now(), name, payload: text });
      executions.set(name, execution);
      const live = openLive(execution, clock);
      clock.schedule(limits.executionMs, () => {
        live.record({ kind: "ended", atMs: clock.now(), status: "TIMED_OUT" });
      });
      void drive(live);
      return "started";
    },
  };
}

/** Reads the status again, which the end of the execution's time may have changed during a wait. */
function isRunning({ status }: Execution): boolean {
  return status === "RUNNING";
}

function openLive(execution: Execution, { now }: VirtualClock): RunningExecution {
  const record = (event: Event) => {
    if (execution.status === "RUNNING") applyEvent(execution, event);
  };
  return { execution, now, record, close: () => undefined };
}

function readOutcome(output: Output): Outcome {
  const status: string = output.Status;
  if (status === "PENDING") return { kind: "pending" };
  if (status === "SUCCEEDED")
    return { kind: "succeeded", result: "Result" in output ? (output.Result ?? null) : null };
  const { ErrorType: name = "Error", ErrorMessage: message = "" } = "Error" in output ? output.Error : {};
  return { kind: "failed", error: { name, message } };
}
