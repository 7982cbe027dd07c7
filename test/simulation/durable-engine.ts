import { openSession } from "../../local/durable/durable-client.ts";
import type { RunningExecution } from "../../local/durable/execution-log.ts";
import {
  applyEvent,
  beginExecution,
  type Event,
  type Execution,
  type Outcome,
} from "../../local/durable/execution.ts";
import { type DurableHandler, makeInput } from "../../local/durable/operations.ts";
import { describeContext } from "../../local/function-url/url-event.ts";
import type { FaultRates, FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What can go wrong with one invocation. */
export type InvocationFault =
  /** The process dies during the invocation. */
  | "crash"
  /** The invocation counts as ended, and its process freezes. Later it thaws and goes on with its step. */
  | "freeze"
  /** The invocation counts as ended, and its process goes on with its step beside the next invocation. */
  | "overlap";

export type EngineSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<InvocationFault>;
  /** Opens an environment of the function: a process of its own, with the handler in it. */
  openEnvironment: (name: string) => Environment;
};

export type Environment = { process: SimulatedProcess; handler: DurableHandler };

export type DurableEngine = {
  /** Starts an execution. Starts nothing when there is one with this name. */
  start: (name: string, payload: unknown) => void;
  executions: ReadonlyMap<string, Execution>;
};

const invocationTimeoutMs = 15 * 60_000;
/** The delay of an invocation after one that was lost. */
const retryMs = { min: 1_000, max: 60_000 };
const maxThawMs = 6 * 3_600_000;

/**
 * Runs durable executions in memory. The real SDK drives the handler, and the rules of a history are those of the local
 * runner. An invocation whose process is lost is followed by another one, as often as it takes.
 */
export function openDurableEngine(settings: EngineSettings): DurableEngine {
  const { clock, faults, trace, rates, openEnvironment } = settings;
  const executions = new Map<string, Execution>();
  let idle: Environment | null = null;
  let environments = 0;
  let invocations = 0;

  async function drive(live: RunningExecution): Promise<void> {
    const { execution } = live;
    while (execution.status === "RUNNING") {
      const waitMs = execution.wakeMs - clock.now();
      if (waitMs === Infinity) throw new Error(`${execution.name} waits for nothing`);
      if (waitMs > 0) await clock.sleep(waitMs);
      await invoke(live);
    }
    trace.note("engine", `${execution.name} ${execution.status}`);
  }

  async function invoke(live: RunningExecution): Promise<void> {
    const { execution } = live;
    const environment = idle ?? openEnvironment(`export-${(environments += 1)}`);
    idle = null;
    const id = `invocation-${(invocations += 1)}`;
    let isOver = false;
    live.record({ kind: "invoked", atMs: clock.now() });
    trace.note("engine", `${id} of ${execution.name} in ${environment.process.name}`);
    const [params, client] = openSession(live, { id, isOver: () => isOver });
    const context = describeContext({
      functionName: "export",
      requestId: id,
      timeoutMs: invocationTimeoutMs,
      clock: clock.now,
    });
    const passing = passAnswers(client, environment.process, clock, faults);
    const running = environment.handler(makeInput(params, passing), context).then(readOutcome, () => null);
    const lost = loseInvocation(environment.process);
    const outcome = await Promise.race([running, lost.promise]);
    isOver = true;
    lost.cancel();
    if (outcome === null) {
      await clock.sleep(faults.drawDelayMs("engine retry", retryMs.min, retryMs.max));
      execution.wakeMs = clock.now();
      return;
    }
    idle = environment;
    live.record({ kind: "returned", atMs: clock.now(), billedMs: 0, realMs: 0, outcome });
  }

  /** Resolves with null when the invocation is lost. A fault of the seed, and the timeout, can lose it. */
  function loseInvocation(process: SimulatedProcess): { promise: Promise<null>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<null>();
    const fault = faults.drawFault("invocation", rates);
    let isWanted = true;
    const lose = (ms: number, run: () => void) =>
      void clock.schedule(ms, () => {
        if (!isWanted) return;
        run();
        resolve(null);
      });
    lose(invocationTimeoutMs, process.crash);
    if (fault !== null) {
      lose(faults.drawDelayMs("invocation", 1, 10_000), () => {
        trace.note("engine", `${fault} of ${process.name}`);
        if (fault === "crash") process.crash();
        if (fault !== "freeze") return;
        process.freeze();
        clock.schedule(faults.drawDelayMs("thaw", 1, maxThawMs), process.thaw);
      });
    }
    return { promise, cancel: () => void (isWanted = false) };
  }

  return {
    executions,
    start(name, payload) {
      if (executions.has(name)) return;
      const execution = beginExecution({
        kind: "started",
        atMs: clock.now(),
        name,
        payload: JSON.stringify(payload),
      });
      executions.set(name, execution);
      void drive(openLive(execution, clock));
    },
  };
}

function openLive(execution: Execution, { now }: VirtualClock): RunningExecution {
  const record = (event: Event) => {
    if (execution.status === "RUNNING") applyEvent(execution, event);
  };
  return { execution, now, record, close: () => undefined };
}

type Client = Parameters<typeof makeInput>[1];

/** Lets the process wait for each answer of the engine, and get none after a crash. */
function passAnswers(
  client: Client,
  process: SimulatedProcess,
  clock: VirtualClock,
  faults: FaultSource,
): Client {
  async function pass<T>(call: () => Promise<T>): Promise<T> {
    await clock.sleep(faults.drawDelayMs("engine", 1, 100));
    try {
      return await call();
    } finally {
      await process.pass();
    }
  }
  return {
    checkpoint: (request) => pass(() => client.checkpoint(request)),
    getExecutionState: (request) => pass(() => client.getExecutionState(request)),
  };
}

function readOutcome(output: Awaited<ReturnType<DurableHandler>>): Outcome {
  const status: string = output.Status;
  if (status === "PENDING") return { kind: "pending" };
  if (status === "SUCCEEDED")
    return { kind: "succeeded", result: "Result" in output ? (output.Result ?? null) : null };
  const { ErrorType: name = "Error", ErrorMessage: message = "" } = "Error" in output ? output.Error : {};
  return { kind: "failed", error: { name, message } };
}
