import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import { applyEvent, beginExecution, type Event, type Execution } from "./execution.ts";

/** The log of an execution. `append` writes synchronously, so the log keeps the order of the events. */
export type Log = { append: (event: Event) => void; close: () => void };

/**
 * Creates a log with its first event. Returns false when the log exists already. The log is a hard link to a complete
 * file, so only one process can create the log, and no process reads an incomplete log.
 */
export function claimLog(path: string, first: Event): boolean {
  const draft = `${path}.${randomUUID()}.draft`;
  writeFileSync(draft, formatLine(first), { flush: true });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (existsSync(path)) return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** Opens an existing log for more events. Cuts off an incomplete last line, which a killed process may have left. */
function openLog(path: string): Log {
  truncateSync(path, measureWhole(readFileSync(path)));
  const file = openSync(path, "a");
  const append = (event: Event) => {
    writeSync(file, formatLine(event));
    fsyncSync(file);
  };
  return { append, close: () => closeSync(file) };
}

/** Returns the events in a log; an empty list when the log does not exist. */
export function readLog(path: string): Event[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const lines = bytes.toString("utf8", 0, measureWhole(bytes)).split("\n").slice(0, -1);
  return lines.map((line): Event => JSON.parse(line));
}

const formatLine = (event: Event) => `${JSON.stringify(event)}\n`;

const measureWhole = (bytes: Buffer) => bytes.lastIndexOf("\n") + 1;

/** An execution that runs in this process. */
export type RunningExecution = {
  execution: Execution;
  now: () => number;
  /** Logs an event, then applies it to the execution. Ignores events after the end of the execution. */
  record: (event: Event) => void;
  close: () => void;
};

export function openExecution(path: string, clock: Timer): RunningExecution {
  const execution = readExecution(path);
  if (execution === null) throw new Error(`${path} holds no execution`);
  const log = openLog(path);
  // After a restart with a slower clock, the clock's time may be earlier than the newest event in the log. `now` adds
  // the difference, so that waits do not become longer.
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

/** The functions that a runner reads and writes its logs with. `onWriteError` gets each error of a write first. */
export function openFiles(onWriteError: (error: unknown) => void) {
  return {
    claim: reportErrors(claimLog, onWriteError),
    read: readExecution,
    open(path: string, clock: Timer): RunningExecution {
      const live = openExecution(path, clock);
      return { ...live, record: reportErrors(live.record, onWriteError) };
    },
  };
}

/** Returns a function that calls `report` with each error of `work` before it throws the error. */
function reportErrors<Given extends unknown[], T>(
  work: (...given: Given) => T,
  report: (error: unknown) => void,
): (...given: Given) => T {
  return (...given) => {
    try {
      return work(...given);
    } catch (error) {
      report(error);
      throw error;
    }
  };
}
