import type { Timer } from "../../functions/adapters/clock/clock.ts";
import { applyEvent, beginExecution, type Event, type Execution } from "./execution.ts";
import { openLog, readLog } from "./execution-log.ts";

/** An execution that this process runs. */
export type Live = {
  execution: Execution;
  now: () => number;
  /** Writes an event to the log, then lets it count; events that come after the end do not. */
  record: (event: Event) => void;
  close: () => void;
};

export function openLive(path: string, clock: Timer): Live {
  const execution = readExecution(path);
  if (execution === null) throw new Error(`${path} holds no execution`);
  const log = openLog(path);
  // a fast clock that starts anew is behind the one that wrote the log, and waits must not get longer by it
  const behindMs = Math.max(0, execution.lastMs - clock.now());
  return {
    execution,
    now: () => clock.now() + behindMs,
    record(event) {
      if (execution.status !== "RUNNING") return;
      log.append(event);
      applyEvent(execution, event);
    },
    close: () => log.close(),
  };
}

export function readExecution(path: string): Execution | null {
  const [first, ...events] = readLog(path);
  if (first?.kind !== "started") return null;
  const execution = beginExecution(first);
  for (const event of events) applyEvent(execution, event);
  return execution;
}
