import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

/** The environment variable with the folder that keeps a test run's output until its end: see search-output.ts. */
export const outputVariable = "TEST_JOURNAL";

/** The file with the secrets that no output may contain, in the folder that keeps a test run's output. */
export const secretsName = "planted.txt";

function append(name: string, text: string): void {
  const folder = process.env[outputVariable];
  if (folder !== undefined) appendFileSync(join(folder, name), text);
}

/** Keeps the output for the search at the end of the test run. */
export function keepOutput(written: unknown): void {
  const text = written instanceof Uint8Array ? Buffer.from(written).toString() : String(written);
  append(`${process.pid}-${threadId}.log`, text.endsWith("\n") ? text : `${text}\n`);
}

/** Keeps the output of a child process, which may be a part of a line, for the search at the end of the test run. */
export function keepChildOutput(pid: number, stream: string, text: string): void {
  append(`${pid}-${stream}.log`, text);
}

/** Makes the search at the end of the test run fail when any test's output contains the value. Returns the value. */
export function markSecret(value: string): string {
  append(secretsName, `${value}\n`);
  return value;
}
