import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

/** Names the folder where all that is written in the course of a test run is kept until its end: see sweep.ts. */
export const outputVariable = "TEST_JOURNAL";

/** Beside what is written: the values that must not stand in it. */
export const secretsName = "planted.txt";

function append(name: string, text: string): void {
  const folder = process.env[outputVariable];
  if (folder !== undefined) appendFileSync(join(folder, name), text);
}

/** Keeps what functions have written, for the search at the end. */
export function keepOutput(written: unknown): void {
  const text = written instanceof Uint8Array ? Buffer.from(written).toString() : String(written);
  append(`${process.pid}-${threadId}.log`, text.endsWith("\n") ? text : `${text}\n`);
}

/** What a child has written, which may be a piece of a line. */
export function keepChildOutput(pid: number, stream: string, text: string): void {
  append(`${pid}-${stream}.log`, text);
}

/** Has the search at the end look for the value, in what all tests have written; gives it back. */
export function markSecret(value: string): string {
  append(secretsName, `${value}\n`);
  return value;
}
