import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import type { Event } from "./execution.ts";

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
