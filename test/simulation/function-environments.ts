import type { Context } from "aws-lambda";
import { describeContext } from "../../local/function-url/url-event.ts";
import type { FaultRates, FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { cancelEvent, type ScheduledEvent, type VirtualClock } from "./virtual-clock.ts";

/** What can go wrong with one invocation of a function. */
export type InvocationFault =
  /** Lambda has shut the idle environment down, so the invocation begins in a new one, which remembers nothing. */
  | "cold"
  /** The process dies during the invocation. */
  | "crash"
  /** The invocation counts as failed, and its process freezes. Later it thaws and goes on. */
  | "freeze"
  /** The invocation counts as failed, and its process goes on beside the next invocation. */
  | "overlap"
  /** The handler has returned, and Lambda does not get the result. */
  | "unreturned";

/** An environment of a function: a process of its own, with the handler in it. */
export type Environment<E, R> = {
  process: SimulatedProcess;
  handler: (event: E, context: Context) => Promise<R>;
};

/** The end of an invocation as Lambda sees it. `lost`: the process died, ran out of time, or was taken for dead. */
export type InvocationOutcome<R> =
  { kind: "returned"; value: R } | { kind: "threw"; error: unknown } | { kind: "lost" };

export type EnvironmentSettings<E, R> = {
  name: string;
  timeoutMs: number;
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<InvocationFault>;
  open: (name: string) => Environment<E, R>;
};

export type Environments<E, R> = {
  /** Invokes the function once, in an idle environment or in a new one. */
  invoke: (makeEvent: (process: SimulatedProcess, requestId: string) => E) => Promise<InvocationOutcome<R>>;
};

const coldStartMs = { min: 150, max: 2_000 };
/** A fault of an invocation happens within this time after its start. Early times are frequent. */
const maxFaultMs = 120_000;
/** A frozen process thaws soon, while the next invocation does the same work, or hours later. */
const maxThawMs = { soon: 2 * 60_000, late: 12 * 3_600_000 };

/**
 * Opens the environments of a function. An environment runs one invocation at a time. Between two invocations it is
 * frozen, so what a handler has left unfinished goes on during a later invocation.
 */
export function openEnvironments<E, R>(settings: EnvironmentSettings<E, R>): Environments<E, R> {
  const { name, timeoutMs, clock, faults, trace, rates, open } = settings;
  const idle: Environment<E, R>[] = [];
  let environments = 0;
  let requests = 0;

  async function takeEnvironment(isCold: boolean): Promise<Environment<E, R>> {
    const warm = idle.pop();
    if (warm !== undefined && !isCold) {
      warm.process.thaw();
      return warm;
    }
    await clock.sleep(faults.drawDelayMs(`${name} cold start`, coldStartMs.min, coldStartMs.max));
    return open(`${name}-${(environments += 1)}`);
  }

  async function invoke(
    makeEvent: (process: SimulatedProcess, requestId: string) => E,
  ): Promise<InvocationOutcome<R>> {
    const fault = faults.drawFault(`${name} invocation`, rates);
    const environment = await takeEnvironment(fault === "cold");
    const { process, handler } = environment;
    const requestId = `${name}-request-${(requests += 1)}`;
    trace.note("lambda", `${requestId} in ${process.name}`);
    const context = describeContext({ functionName: name, requestId, timeoutMs, clock: clock.now });
    const running = run(handler, makeEvent(process, requestId), context);
    const loss = scheduleLoss(process, fault);
    const outcome = await Promise.race([running, loss.promise]);
    for (const event of loss.events) cancelEvent(event);
    if (outcome.kind === "lost") return outcome;
    process.freeze();
    idle.push(environment);
    trace.note("lambda", `${requestId} ${fault === "unreturned" ? fault : outcome.kind}`);
    return fault === "unreturned" ? { kind: "lost" } : outcome;
  }

  /** Lets the invocation run out of time, and its fault happen. */
  function scheduleLoss(process: SimulatedProcess, fault: InvocationFault | null) {
    const { promise, resolve } = Promise.withResolvers<{ kind: "lost" }>();
    const lose = (ms: number, cause: string, happen: () => void) =>
      clock.schedule(ms, () => {
        trace.note("lambda", `${cause} of ${process.name}`);
        happen();
        resolve({ kind: "lost" });
      });
    const events: ScheduledEvent[] = [lose(timeoutMs, "timeout", process.crash)];
    const faultMs = () => faults.drawDelayMs(`${name} fault`, 1, Math.min(maxFaultMs, timeoutMs));
    if (fault === "crash") events.push(lose(faultMs(), fault, process.crash));
    if (fault === "overlap") events.push(lose(faultMs(), fault, () => undefined));
    if (fault === "freeze") {
      const maxMs = faults.drawSide(`${name} thaw`) ? maxThawMs.soon : maxThawMs.late;
      const thaw = () => clock.schedule(faults.drawDelayMs(`${name} thaw`, 1, maxMs), process.thaw);
      events.push(lose(faultMs(), fault, () => (process.freeze(), thaw())));
    }
    return { promise, events };
  }

  return { invoke };
}

async function run<E, R>(
  handler: Environment<E, R>["handler"],
  event: E,
  context: Context,
): Promise<InvocationOutcome<R>> {
  try {
    return { kind: "returned", value: await handler(event, context) };
  } catch (error) {
    return { kind: "threw", error };
  }
}
