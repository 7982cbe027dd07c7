import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { ExportError, ScheduleError } from "../../core/basics/errors.ts";

/** What is counted or chosen among our own words: never what a stranger or the portal sent. */
export type LogFacts = Record<string, string | number>;

/** One JSON line for what has happened, with the ids of where. */
export async function logEvent(message: string, facts: LogFacts = {}): Promise<void> {
  (await loadLogger()).info({ message, ...readLogIds(), ...facts });
}

/** One JSON line for a fault: where it happened, and no message of an error, which may quote data. */
export async function logFault(error: unknown, ids: LogIds = {}): Promise<void> {
  const fault = error instanceof Error ? error : new Error("something that is no error was thrown");
  (await loadLogger()).error({
    message: "fault",
    ...readLogIds(),
    ...ids,
    name: fault.name,
    stack: listFrames(fault),
  });
}

/** For what keeps the messages of errors: an execution's history, Lambda's own log. A fault's may quote data. */
export function concealFault(error: unknown): Error {
  const fault = new Error("The log of this moment says where it happened.");
  return error instanceof Error ? Object.assign(fault, { name: error.name }) : fault;
}

let logger: Promise<Logger> | undefined;

/**
 * The first line loads the library: the page and a refusal log nothing, and load none. It reads its level and its
 * service from POWERTOOLS_LOG_LEVEL and POWERTOOLS_SERVICE_NAME.
 */
async function loadLogger(): Promise<Logger> {
  logger ??= openLogger();
  return await logger;
}

async function openLogger(): Promise<Logger> {
  const powertools = await import("@aws-lambda-powertools/logger");
  return new powertools.Logger();
}

/** Where it happened; a message may quote data, so it stays out. */
function listFrames(fault: Error): string[] {
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cause =
    fault.cause instanceof Error ? [`caused by ${fault.cause.name}`, ...listFrames(fault.cause)] : [];
  return [...frames.map((line) => line.trim()), ...cause];
}

/** By which the log lines of one request, export, execution or step are found again. */
export type LogIds = Partial<
  Record<"requestId" | "exportId" | "executionId" | "step" | "snapshotId" | "schedule" | "deliveryId", string>
>;

const scope = new AsyncLocalStorage<LogIds>();

/** What is logged in the course of it carries the ids, with those that are carried already. */
export function withLogIds<T>(ids: LogIds, run: () => T): T {
  return scope.run({ ...scope.getStore(), ...ids }, run);
}

export function readLogIds(): LogIds {
  return scope.getStore() ?? {};
}

export type LambdaInvocation = Pick<Context, "awsRequestId">;

/** For a function that nobody waits for: Lambda's log and the dead letter quote the message of what is thrown. */
export async function logFaults<T>({ awsRequestId }: LambdaInvocation, run: () => Promise<T>): Promise<T> {
  return await withLogIds({ requestId: awsRequestId }, async () => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof ScheduleError) throw error;
      await logFault(error);
      throw error instanceof ExportError ? error : concealFault(error);
    }
  });
}
