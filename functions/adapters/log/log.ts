import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import { ExportError, ScheduleError } from "../../core/basics/errors.ts";
import type { FinalDeliveryStatus } from "../../core/delivery/delivery-state.ts";
import {
  deliveryMetrics,
  type MetricValues,
  isMetricName,
  metricNamespace,
  metricUnits,
} from "../../core/metrics/metrics.ts";

/** The values of a log line: numbers and the program's own texts, never texts from a caller or from the portal. */
export type LogFacts = Record<string, string | number>;

/** Logs an event as one line of JSON, with the ids that `withLogIds` has set. */
export async function logEvent(message: string, facts: LogFacts = {}): Promise<void> {
  (await loadLogger()).info({ message, ...readLogIds(), ...facts });
}

/** Logs an error as one line of JSON, with its stack but without its message, which may quote confidential data. */
export async function logFault(error: unknown, ids: LogIds = {}): Promise<void> {
  const fault = error instanceof Error ? error : new Error("a value that is not an Error was thrown");
  (await loadLogger()).error({
    message: "fault",
    ...readLogIds(),
    ...ids,
    name: fault.name,
    stack: listFrames(fault),
  });
}

/**
 * Returns an error with the same name and a fixed message. An execution's history and Lambda's log keep the messages of
 * thrown errors, and an original message may quote confidential data.
 */
export function concealFault(error: unknown): Error {
  const fault = new Error("The log of this moment says where it happened.");
  return error instanceof Error ? Object.assign(fault, { name: error.name }) : fault;
}

let logger: Promise<Logger> | undefined;

/**
 * Loads the logging library when the first line is logged. Requests for the page and refused requests log nothing, so
 * they never load it. The library reads its level from POWERTOOLS_LOG_LEVEL and the service's name from
 * POWERTOOLS_SERVICE_NAME.
 */
async function loadLogger(): Promise<Logger> {
  logger ??= openLogger();
  return await logger;
}

async function openLogger(): Promise<Logger> {
  const powertools = await import("@aws-lambda-powertools/logger");
  return new powertools.Logger();
}

/** Returns the stack of the error and of its causes without their messages, which may quote confidential data. */
function listFrames(fault: Error): string[] {
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cause =
    fault.cause instanceof Error ? [`caused by ${fault.cause.name}`, ...listFrames(fault.cause)] : [];
  return [...frames.map((line) => line.trim()), ...cause];
}

/** The ids with which a person finds all log lines of a request, export, execution or step. */
export type LogIds = Partial<
  Record<"requestId" | "exportId" | "executionId" | "step" | "snapshotId" | "schedule" | "deliveryId", string>
>;

const scope = new AsyncLocalStorage<LogIds>();

/** Adds the ids to every line that is logged during `run`. A nested call adds its ids to the ids of the outer call. */
export function withLogIds<T>(ids: LogIds, run: () => T): T {
  return scope.run({ ...scope.getStore(), ...ids }, run);
}

export function readLogIds(): LogIds {
  return scope.getStore() ?? {};
}

export type LambdaInvocation = Pick<Context, "awsRequestId">;

/**
 * Runs the work of a Lambda function that is invoked asynchronously. Logs every error except a ScheduleError. Throws an
 * unexpected error again with a fixed message, because Lambda's log and the dead-letter queue quote messages.
 */
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

/**
 * Logs the values as one line in CloudWatch's embedded metric format. Call this after a conditional write, in the
 * process whose write succeeded, so that nothing is counted twice. If the process dies between the write and this call,
 * the values are not counted.
 */
export async function emitMetrics(values: MetricValues): Promise<void> {
  metricsClient ??= openMetrics();
  const metrics = await metricsClient;
  for (const [name, value] of Object.entries(values))
    if (isMetricName(name)) metrics.addMetric(name, metricUnits[name], value);
  for (const [name, id] of Object.entries(readLogIds())) metrics.addMetadata(name, id);
  metrics.publishStoredMetrics();
}

let metricsClient: Promise<Metrics> | undefined;

/**
 * Opens the metrics library. It reads the service's name from POWERTOOLS_SERVICE_NAME. POWERTOOLS_METRICS_DISABLED
 * turns metrics off.
 */
async function openMetrics(): Promise<Metrics> {
  const powertools = await import("@aws-lambda-powertools/metrics");
  return new powertools.Metrics({ namespace: metricNamespace });
}

export async function emitDelivery(status: FinalDeliveryStatus): Promise<void> {
  await emitMetrics(deliveryMetrics(status));
}
