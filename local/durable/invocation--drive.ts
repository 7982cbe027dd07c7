import type { Timer } from "../../functions/adapters/clock/clock.ts";
import { invoke, type Lambda } from "./invocation.ts";
import type { Live } from "./execution-log--live.ts";

export type Pace = Lambda & {
  clock: Timer;
  executionTimeoutMs: number;
  /** Interrupts a wait, and keeps what has not begun from beginning. */
  signal: AbortSignal;
};

// short, so that a wait that is interrupted leaves no long timer behind that keeps the process alive
const napMs = 1000;

/** Invokes whenever it is time, until the execution has ended or the runner is closed. */
export async function drive(live: Live, pace: Pace): Promise<void> {
  const { execution } = live;
  const deadlineMs = execution.startedMs + pace.executionTimeoutMs;
  while (execution.status === "RUNNING" && !pace.signal.aborted) {
    const nowMs = live.now();
    const restMs = Math.min(execution.wakeMs, deadlineMs) - nowMs;
    if (restMs > 0) await nap(restMs, pace);
    else if (nowMs >= deadlineMs) live.record({ kind: "ended", atMs: nowMs, status: "TIMED_OUT" });
    else await invoke(live, { ...pace, timeoutMs: Math.min(pace.timeoutMs, deadlineMs - nowMs) });
  }
}

async function nap(ms: number, { clock, signal }: Pace): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  signal.addEventListener("abort", wake, { once: true });
  await Promise.race([clock.sleep(Math.min(ms, napMs)), promise]);
  signal.removeEventListener("abort", wake);
}
