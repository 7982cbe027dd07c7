import { writeSync } from "node:fs";
import { describeDiskFault } from "../disk-fault.ts";
import { silenceLogs } from "../stack-settings.ts";
import type { Stack } from "../stack.ts";
import { type Arguments, type Command, describeCommand, parseArguments } from "./command-line.ts";

export const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Runs a command with the arguments of this process. An error ends the process with one line and the status 1. */
export async function runCommand(
  command: Command,
  run: (given: Arguments) => Promise<unknown>,
): Promise<void> {
  silenceLogs(process.env);
  try {
    const given = parseArguments(command, process.argv.slice(2), process.env);
    if (given === null) print(describeCommand(command));
    else await run(given);
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(1);
  }
}

function describeFailure(error: unknown): string {
  return describeDiskFault(error) ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Ends the process at the first fault of the disk, before an export can fail by it. So the exports that run go on at
 * the next start.
 */
export function exitOnDiskFault(error: unknown): void {
  const fault = describeDiskFault(error);
  if (fault === null) return;
  // Written at once, because the process ends before a stream would be flushed.
  writeSync(2, `${fault}; then start again: exports that have not finished go on\n`);
  process.exit(1);
}

/** One Ctrl-C may arrive twice within this time: the terminal sends a signal, and npm passes the same signal on. */
const echoMs = 500;

/**
 * How long steps and requests that run may go on after Ctrl-C. A longer wait would gain nothing: the next start repeats a
 * step that was cut off.
 */
const graceMs = 3_000;

/**
 * How long a command that has done its work waits for mails and webhooks that are on their way. Other exports of the
 * folder may run for hours, and go on at the next start.
 */
export const deliveryMs = 10_000;

/** The exit status that shells use for an end by Ctrl-C. */
const interruptedStatus = 130;

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Stops the stack at the first SIGINT or SIGTERM, says so at once, and aborts the returned AbortSignal. The process ends
 * within `graceMs`. A second SIGINT or SIGTERM, more than `echoMs` later, ends it at once. `describeRest` tells what goes
 * on later; null when nothing does.
 */
export function stopOnSignal(
  stack: Stack,
  { describeRest, status = interruptedStatus }: { describeRest: () => string | null; status?: number },
): AbortSignal {
  const interruption = new AbortController();
  let firstMs = 0;
  const end = (code: number) => {
    const rest = describeRest();
    if (rest !== null) print(rest);
    process.exit(code);
  };
  const interrupt = () => {
    if (interruption.signal.aborted) return Date.now() - firstMs > echoMs && end(interruptedStatus);
    firstMs = Date.now();
    interruption.abort();
    const isRunning = stack.isBusy() || stack.hasUnfinished();
    printInterruption(isRunning ? finishing : "stopping");
    void stack.stop({ graceMs }).then(() => end(status));
  };
  for (const signal of signals) process.on(signal, interrupt);
  return interruption.signal;
}

const finishing = `finishing what runs, for at most ${graceMs / 1000} seconds; Ctrl-C again to stop at once`;

/** Ends the process at the first SIGINT or SIGTERM. `goesOn` tells what goes on in another process. */
export function endOnSignal(goesOn: string): void {
  const end = () => {
    printInterruption(goesOn);
    process.exit(interruptedStatus);
  };
  for (const signal of signals) process.on(signal, end);
}

/** A terminal has shown `^C`, perhaps behind a line of progress, so the line gets a new line there. */
function printInterruption(line: string): void {
  print(process.stdout.isTTY ? `\n${line}` : line);
}
