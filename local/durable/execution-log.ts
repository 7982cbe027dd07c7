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

/** Synchronous, so that events stand in the log in the order in which they happened. */
export type Log = { append: (event: Event) => void; close: () => void };

/**
 * Begins a log that nobody began before. A link to a whole file can be made only once, by whichever
 * process comes first, and is never seen half written.
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

/** Opens a log for more events; what a killed process left of a line is cut off. */
export function openLog(path: string): Log {
  truncateSync(path, measureWhole(readFileSync(path)));
  const file = openSync(path, "a");
  const append = (event: Event) => {
    writeSync(file, formatLine(event));
    fsyncSync(file);
  };
  return { append, close: () => closeSync(file) };
}

/** The events so far; none when there is no such log. */
export function readLog(path: string): Event[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const lines = bytes.toString("utf8", 0, measureWhole(bytes)).split("\n").slice(0, -1);
  return lines.map((line): Event => JSON.parse(line));
}

const formatLine = (event: Event) => `${JSON.stringify(event)}\n`;

const measureWhole = (bytes: Buffer) => bytes.lastIndexOf("\n") + 1;

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
