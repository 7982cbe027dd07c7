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

/** The values of a log line: numbers and this code's own words, never text from a caller or from the portal. */
export type LogFacts = Record<string, string | number>;

/** Logs an event as one line of JSON, with the ids of the request or export. */
export async function logEvent(message: string, facts: LogFacts = {}): Promise<void> {
  (await loadLogger()).info({ message, ...readLogIds(), ...facts });
}

/** Logs an error as one line of JSON, with its stack. The line leaves out the error's message, which may quote data. */
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
 * Returns an error with the same name and a fixed message. An execution's history and Lambda's own log keep the messages
 * of errors, which may quote data.
 */
export function concealFault(error: unknown): Error {
  const fault = new Error("The log of this moment says where it happened.");
  return error instanceof Error ? Object.assign(fault, { name: error.name }) : fault;
}

let logger: Promise<Logger> | undefined;

/**
 * Loads the library when the first line is logged: the page and refused requests log nothing, so they do not need it.
 * The library reads the level and the service's name from POWERTOOLS_LOG_LEVEL and POWERTOOLS_SERVICE_NAME.
 */
async function loadLogger(): Promise<Logger> {
  logger ??= openLogger();
  return await logger;
}

async function openLogger(): Promise<Logger> {
  const powertools = await import("@aws-lambda-powertools/logger");
  return new powertools.Logger();
}

/** The stack without the messages of the error and its causes, which may quote data. */
function listFrames(fault: Error): string[] {
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cause =
    fault.cause instanceof Error ? [`caused by ${fault.cause.name}`, ...listFrames(fault.cause)] : [];
  return [...frames.map((line) => line.trim()), ...cause];
}

/** The ids by which one finds all log lines of a request, export, execution or step. */
export type LogIds = Partial<
  Record<"requestId" | "exportId" | "executionId" | "step" | "snapshotId" | "schedule" | "deliveryId", string>
>;

const scope = new AsyncLocalStorage<LogIds>();

/** Adds the ids to every line that is logged during `run`. A nested call adds its ids to those of the outer call. */
export function withLogIds<T>(ids: LogIds, run: () => T): T {
  return scope.run({ ...scope.getStore(), ...ids }, run);
}

export function readLogIds(): LogIds {
  return scope.getStore() ?? {};
}

export type LambdaInvocation = Pick<Context, "awsRequestId">;

/**
 * Logs an error of a function that is invoked asynchronously, and throws it again with a fixed message. Lambda's log and
 * the dead letter queue quote the message of a thrown error.
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
 * Logs one line in CloudWatch's embedded metric format, with the ids of the request or export. Call it after the
 * conditional write of what it counts, in the process whose write succeeded: then nothing is counted twice. If that
 * process dies in between, the values are not counted.
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

/** The library reads the service's name from POWERTOOLS_SERVICE_NAME. POWERTOOLS_METRICS_DISABLED turns metrics off. */
async function openMetrics(): Promise<Metrics> {
  const powertools = await import("@aws-lambda-powertools/metrics");
  return new powertools.Metrics({ namespace: metricNamespace });
}

/** Emits the metrics of one mail or webhook. */
export async function emitDelivery(status: FinalDeliveryStatus): Promise<void> {
  await emitMetrics(deliveryMetrics(status));
}
