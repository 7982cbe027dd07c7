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

/** The exit status that shells use for an end by Ctrl-C. */
export const interruptedStatus = 130;

/**
 * Stops the stack at the first SIGINT or SIGTERM, and aborts the returned AbortSignal. A second SIGINT or SIGTERM, more
 * than `echoMs` later, ends the process at once. `goesOn` tells what goes on later. A command that serves prints it only
 * when an export has not finished.
 */
export function stopOnSignal(
  stack: Stack,
  { goesOn, isServing = false }: { goesOn: string; isServing?: boolean },
): AbortSignal {
  const interruption = new AbortController();
  let firstMs = 0;
  const tellUnfinished = () => {
    if (!isServing || stack.hasUnfinished()) print(goesOn);
  };
  const interrupt = () => {
    if (interruption.signal.aborted) {
      if (Date.now() - firstMs <= echoMs) return;
      tellUnfinished();
      process.exit(interruptedStatus);
    }
    firstMs = Date.now();
    interruption.abort();
    if (isServing && stack.isBusy()) print("finishing the running export; Ctrl-C again to stop at once");
    void stack.stop().then(tellUnfinished);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupt);
  return interruption.signal;
}
