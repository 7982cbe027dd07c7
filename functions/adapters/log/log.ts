import { type LogIds, readLogIds } from "./log--ids.ts";

/** What is counted or chosen among our own words: never what a stranger or the portal sent. */
export type LogFacts = Record<string, string | number>;

/** One JSON line for what has happened, with the ids of where. */
export async function logEvent(message: string, facts: LogFacts = {}): Promise<void> {
  const logger = await loadLogger();
  logger.info({ message, ...readLogIds(), ...facts });
}

/** One JSON line for a fault: where it happened, and no message of an error, which may quote data. */
export async function logFault(error: unknown, ids: LogIds = {}): Promise<void> {
  const fault = error instanceof Error ? error : new Error("something that is no error was thrown");
  const logger = await loadLogger();
  logger.error({ message: "fault", ...readLogIds(), ...ids, name: fault.name, stack: listFrames(fault) });
}

/** For what keeps the messages of errors: an execution's history, Lambda's own log. A fault's may quote data. */
export function concealFault(error: unknown): Error {
  const fault = new Error("The log of this moment says where it happened.");
  return error instanceof Error ? Object.assign(fault, { name: error.name }) : fault;
}

/** By the first line: the page and a refusal log nothing, and load no library for it. */
async function loadLogger() {
  return (await import("./logger.ts")).logger;
}

/** Where it happened; a message may quote data, so it stays out. */
function listFrames(fault: Error): string[] {
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cause =
    fault.cause instanceof Error ? [`caused by ${fault.cause.name}`, ...listFrames(fault.cause)] : [];
  return [...frames.map((line) => line.trim()), ...cause];
}
