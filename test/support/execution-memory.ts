import type { ExecutionLogs } from "../../local/durable/runner.ts";
import { applyEvent, beginExecution, type Event, type Execution } from "../../local/durable/execution.ts";

/** The logs of executions in memory. */
export type ExecutionMemory = ExecutionLogs & {
  /** Returns the events of an execution as its log would hold them. */
  listEvents: (name: string) => Event[];
};

/** Opens the logs of executions. They begin with the executions in `initial`. */
export function openExecutionMemory(initial: Readonly<Record<string, Event[]>> = {}): ExecutionMemory {
  const logs = new Map(Object.entries(initial).map(([name, events]) => [name, [...events]]));

  function read(name: string): Execution | null {
    const [first, ...events] = logs.get(name) ?? [];
    if (first?.kind !== "started") return null;
    const execution = beginExecution(first);
    for (const event of events) applyEvent(execution, event);
    return execution;
  }

  return {
    list: () => [...logs.keys()],
    locate: (name) => name,
    claim(name, first) {
      if (logs.has(name)) return false;
      logs.set(name, [first]);
      return true;
    },
    read,
    open(name, { now }) {
      const execution = read(name);
      if (execution === null) throw new Error(`there is no execution ${name}`);
      const record = (event: Event) => {
        if (execution.status !== "RUNNING") return;
        // A log holds texts, so later changes to an event do not reach it.
        logs.get(name)?.push(JSON.parse(JSON.stringify(event)));
        applyEvent(execution, event);
      };
      // As in a log, the time never goes back.
      const behindMs = Math.max(0, execution.lastMs - now());
      return { execution, now: () => now() + behindMs, record, close: () => undefined };
    },
    listEvents: (name) => logs.get(name) ?? [],
  };
}
