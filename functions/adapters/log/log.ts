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

/** Takes the log lines and the metrics of a process. By default they go to CloudWatch as lines of JSON. */
export interface LogSink {
  log: (level: "info" | "error", line: LogLine) => void | Promise<void>;
  count: (values: MetricValues, ids: LogIds) => void | Promise<void>;
}

export type LogLine = Record<string, string | number | string[]> & { message: string };

/** Logs an event as one line, with the ids that `withLogIds` has set. */
export async function logEvent(message: string, facts: LogFacts = {}): Promise<void> {
  await readSink().log("info", { message, ...readLogIds(), ...facts });
}

/** Logs an error as one line, with its stack but without its message, which may quote confidential data. */
export async function logFault(error: unknown, ids: LogIds = {}): Promise<void> {
  const fault = error instanceof Error ? error : new Error("a value that is not an Error was thrown");
  await readSink().log("error", {
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

const scope = new AsyncLocalStorage<{ ids: LogIds; sink: LogSink }>();

/** Adds the ids to every line that is logged during `run`. A nested call adds its ids to the ids of the outer call. */
export function withLogIds<T>(ids: LogIds, run: () => T): T {
  return scope.run({ ids: { ...readLogIds(), ...ids }, sink: readSink() }, run);
}

/** Sends what is logged and counted during `run` to the sink. */
export function withLogSink<T>(sink: LogSink, run: () => T): T {
  return scope.run({ ids: readLogIds(), sink }, run);
}

export function readLogIds(): LogIds {
  return scope.getStore()?.ids ?? {};
}

function readSink(): LogSink {
  return scope.getStore()?.sink ?? cloudWatch;
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
 * Counts the values in the metrics. Call this after a conditional write, in the process whose write succeeded, so that
 * nothing is counted twice. If the process dies between the write and this call, the values are not counted.
 */
export async function emitMetrics(values: MetricValues): Promise<void> {
  await readSink().count(values, readLogIds());
}

/** Writes each log line as JSON, and metrics as one line in CloudWatch's embedded metric format. */
const cloudWatch: LogSink = {
  async log(level, line) {
    (await loadLogger())[level](line);
  },
  async count(values, ids) {
    metricsClient ??= openMetrics();
    const metrics = await metricsClient;
    for (const [name, value] of Object.entries(values))
      if (isMetricName(name)) metrics.addMetric(name, metricUnits[name], value);
    for (const [name, id] of Object.entries(ids)) metrics.addMetadata(name, id);
    metrics.publishStoredMetrics();
  },
};

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
