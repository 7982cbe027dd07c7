import { type EnvironmentSettings, openEnvironments } from "./function-environments.ts";
import type { FaultRates } from "./fault-source.ts";

/** What can go wrong with an event of a function that is invoked asynchronously. */
export type QueueFault =
  /** The function gets the event twice, perhaps at the same time. */
  | "twice"
  /** The event waits for up to six hours in Lambda's queue. */
  | "late";

/** What can go wrong with a call of a function URL. */
export type CallFault =
  /** The connection breaks before the function is invoked. */
  | "unsent"
  /** The function runs, and the connection breaks before the answer arrives. */
  | "unanswered";

export type FunctionSettings<E, R> = EnvironmentSettings<E, R> & {
  /** How often Lambda repeats an event whose invocation has failed. */
  retries: number;
  queueRates?: FaultRates<QueueFault>;
  callRates?: FaultRates<CallFault>;
};

/** The end of a call. `failed`: Lambda answers 502, because the invocation has failed. `none`: no answer came. */
export type CallAnswer<R> = { kind: "answered"; value: R } | { kind: "failed" } | { kind: "none" };

export type SimulatedFunction<E, R> = {
  /** Invokes the function as a function URL does. The caller waits for at most `patienceMs`; the function goes on. */
  call: (event: E, patienceMs?: number) => Promise<CallAnswer<R>>;
  /** Gives the event to Lambda's queue, which invokes the function, and repeats a failed invocation. */
  queue: (event: E) => void;
  /** Returns the number of failed invocations, which Lambda counts as the metric `Errors`. */
  errors: () => number;
  /** Returns the events whose retries have all failed, in the order of their last failure. */
  deadLetters: () => readonly E[];
};

const callMs = { min: 3, max: 150 };
const queueMs = { min: 5, max: 1_500, maxTwin: 60_000, maxLate: 6 * 3_600_000 };
/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const retryPausesMs = [60_000, 120_000];

/** Opens a function that has no durable executions, with its environments and its queue. */
export function openSimulatedFunction<E, R>(settings: FunctionSettings<E, R>): SimulatedFunction<E, R> {
  const { name, clock, faults, trace, retries, queueRates = {}, callRates = {} } = settings;
  const environments = openEnvironments(settings);
  const deadLetters: E[] = [];
  let errors = 0;

  const travel = () => clock.sleep(faults.drawDelayMs(`${name} call`, callMs.min, callMs.max));

  async function invoke(event: E) {
    const outcome = await environments.invoke(() => event);
    if (outcome.kind !== "returned") errors += 1;
    return outcome;
  }

  async function answer(event: E): Promise<CallAnswer<R>> {
    const fault = faults.drawFault(`${name} call`, callRates);
    await travel();
    if (fault === "unsent") return { kind: "none" };
    const outcome = await invoke(event);
    await travel();
    if (fault === "unanswered") return { kind: "none" };
    return outcome.kind === "returned" ? { kind: "answered", value: outcome.value } : { kind: "failed" };
  }

  async function deliver(event: E, delayMs: number): Promise<void> {
    await clock.sleep(delayMs);
    for (let tries = 0; (await invoke(event)).kind !== "returned"; tries += 1) {
      if (tries === retries) {
        deadLetters.push(event);
        trace.note("lambda", `an event of ${name} has failed for the last time`);
        return;
      }
      await clock.sleep((retryPausesMs[tries] ?? 0) + faults.drawDelayMs(`${name} retry`, 0, 5_000));
    }
  }

  return {
    errors: () => errors,
    deadLetters: () => deadLetters,
    async call(event, patienceMs) {
      const answered = answer(event);
      if (patienceMs === undefined) return await answered;
      const none = clock.sleep(patienceMs).then((): CallAnswer<R> => ({ kind: "none" }));
      return await Promise.race([answered, none]);
    },
    queue(event) {
      const fault = faults.drawFault(`${name} queue`, queueRates);
      if (fault !== null) trace.note("lambda", `an event of ${name} comes ${fault}`);
      const delayMs = faults.drawDelayMs(
        `${name} queue`,
        queueMs.min,
        fault === "late" ? queueMs.maxLate : queueMs.max,
      );
      void deliver(event, delayMs);
      if (fault !== "twice") return;
      void deliver(event, delayMs + faults.drawDelayMs(`${name} twin`, 0, queueMs.maxTwin));
    },
  };
}
