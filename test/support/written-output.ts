import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

/** The environment variable with the folder for a test run's output, which search-output.ts searches at the end. */
export const outputVariable = "TEST_JOURNAL";

/** The file with the secrets that no output may contain. It is in the folder for the test run's output. */
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

/** Keeps output of a child process for the search at the end of the test run. The text may be a part of a line. */
export function keepChildOutput(pid: number, stream: string, text: string): void {
  append(`${pid}-${stream}.log`, text);
}

/**
 * Marks the value as a secret, and returns it. At the end of the test run, the output of all tests is searched for such
 * values. The run fails when one is found.
 */
export function markSecret(value: string): string {
  append(secretsName, `${value}\n`);
  return value;
}
