import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import type { ExportWorkflow } from "../../functions/adapters/workflow/lambda-workflow.ts";
import type { AppContext } from "../../functions/app/context.ts";
import { publishFailure } from "../../functions/app/report/publish-report.ts";
import { toProblem } from "../../functions/core/basics/stored-values.ts";
import { describeJob } from "../../functions/core/delivery/delivery-state.ts";
import { outdated } from "../../functions/core/export/export-state.ts";
import { maxInvocationMs } from "../function-url/url-response.ts";
import { openFiles, type RunningExecution } from "./execution-log.ts";
import { type Event, type Execution, type ExecutionError, isMismatch, type Status } from "./execution.ts";
import { drive } from "./invocation.ts";
import type { DurableHandler } from "./operations.ts";
import { executionName, refuse } from "./service-limits.ts";

export type { DurableHandler } from "./operations.ts";

export type RunnerOptions = {
  /** The directory with a log of each execution. Only one runner may use a directory at a time. */
  directory: string;
  handler: DurableHandler;
  /** The clock of waits, retries and timeouts. */
  clock: Timer;
  functionName?: string;
  /** The timeout of an execution: 14 days by default, as in SST. */
  executionTimeoutMs?: number;
  invocationTimeoutMs?: number;
  /**
   * Called at most once for each execution that fails. Not called when the process dies at the moment of the failure.
   */
  onFailed?: (failure: Failure) => Promise<void>;
  /** Called with each error of a write to a log, before the error reaches the handler. */
  onWriteError?: (error: unknown) => void;
};

/** The failure of an execution. `payload` is the execution's input. */
export type Failure = { name: string; payload: unknown; error: ExecutionError };

type Description = {
  status: Status;
  startedMs: number;
  endedMs: number | null;
  operations: number;
  historyBytes: number;
  invocations: number;
  /** The running time of all invocations: `billedMs` by the runner's clock, `realMs` by the system's clock. */
  billedMs: number;
  realMs: number;
  /** The handler's result as JSON; null until the execution succeeds. */
  result: string | null;
  error: ExecutionError | null;
};

export type Runner = {
  /**
   * Starts an execution. Starts nothing when a running or ended execution has this name: answers "exists" when the
   * payloads are equal, and "conflict" when they differ.
   */
  start: (name: string, payload: unknown) => Promise<"started" | "exists" | "conflict">;
  describe: (name: string) => Promise<Description | null>;
  /** Resolves when this runner no longer runs the execution: the execution has ended, or the runner has closed. */
  finish: (name: string) => Promise<void>;
  /** Stops an execution. A running step continues to its end, but its result is not recorded. */
  stop: (name: string) => Promise<void>;
  /** The names of the executions that this runner has run and that have not ended, also after `close`. */
  listUnfinished: () => string[];
  /**
   * Waits for running invocations and starts no others. The directory's next runner continues the executions that have
   * not ended.
   */
  close: () => Promise<void>;
};

/** Where the logs of executions are: in a directory, or in the memory of a test. A place is the place of one log. */
export type ExecutionLogs = {
  list: () => string[];
  locate: (name: string) => string;
  /** Creates a log with its first event. Returns false when there is a log at this place. */
  claim: (place: string, first: Event) => boolean;
  read: (place: string) => Execution | null;
  open: (place: string, clock: Timer) => RunningExecution;
};

/**
 * Starts a runner of Lambda's durable executions on this machine. The runner continues the directory's executions that
 * have not ended.
 */
export async function startRunner({
  directory,
  onWriteError = () => undefined,
  ...options
}: RunnerOptions): Promise<Runner> {
  await mkdir(directory, { recursive: true });
  const paths = await listLogs(directory);
  const files = openFiles(onWriteError);
  return openRunner({ ...files, list: () => paths, locate: (name) => findLog(directory, name) }, options);
}

/** Opens a runner that continues the executions in the logs that have not ended. */
export function openRunner(
  logs: ExecutionLogs,
  options: Omit<RunnerOptions, "directory" | "onWriteError">,
): Runner {
  const { clock, functionName = "workflow" } = options;
  const { executionTimeoutMs = 14 * 24 * 3_600_000, invocationTimeoutMs: timeoutMs = maxInvocationMs } =
    options;
  const running = new Map<string, { live: RunningExecution; done: Promise<void> }>();
  const unfinished = new Set<string>();
  const closing = new AbortController();
  const driveOptions = { ...options, functionName, timeoutMs, executionTimeoutMs, signal: closing.signal };

  const run = (place: string) => {
    const live = logs.open(place, clock);
    const { name } = live.execution;
    const done = drive(live, driveOptions)
      .catch((error: unknown) => console.error(`${functionName} ${name}: its runner failed`, error))
      .then(() => reportFailure(live.execution, options))
      .catch((error: unknown) =>
        console.error(`${functionName} ${name}: its failure was not recorded`, error),
      )
      .finally(() => {
        live.close();
        running.delete(name);
        if (live.execution.status !== "RUNNING") unfinished.delete(name);
      });
    running.set(name, { live, done });
    unfinished.add(name);
  };

  for (const place of logs.list()) if (logs.read(place)?.status === "RUNNING") run(place);

  return {
    async start(name, payload) {
      if (closing.signal.aborted) throw new Error("the runner is closed");
      const place = logs.locate(checkName(name));
      const text = JSON.stringify(payload) ?? "null";
      if (!logs.claim(place, { kind: "started", atMs: clock.now(), name, payload: text }))
        return logs.read(place)?.payload === text ? "exists" : "conflict";
      run(place);
      return "started";
    },
    async describe(name) {
      const place = logs.locate(checkName(name));
      const execution = running.get(name)?.live.execution ?? logs.read(place);
      return execution && describeExecution(execution);
    },
    async finish(name) {
      await running.get(name)?.done;
    },
    async stop(name) {
      const live = running.get(name)?.live;
      live?.record({ kind: "ended", atMs: live.now(), status: "STOPPED" });
    },
    listUnfinished: () => [...unfinished],
    async close() {
      closing.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

async function reportFailure(
  execution: Execution,
  { onFailed }: Pick<RunnerOptions, "onFailed">,
): Promise<void> {
  const { status, name, payload, error } = execution;
  if (status !== "FAILED" || error === null) return;
  await onFailed?.({ name, payload: JSON.parse(payload), error });
}

const extension = ".ndjson";

/**
 * Returns the path of an execution's log. A capital in the name becomes a dot and a small letter, because some file
 * systems do not distinguish capitals from small letters.
 */
function findLog(directory: string, name: string): string {
  return join(directory, name.replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`) + extension);
}

function checkName(name: string): string {
  if (!executionName.test(name)) throw refuse(`The name of an execution must match ${executionName.source}`);
  return name;
}

async function listLogs(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => name.endsWith(extension)).map((name) => join(directory, name));
}

function describeExecution(execution: Execution): Description {
  const { status, startedMs, endedMs, operationCount, historyBytes, invocations } = execution;
  const { billedMs, realMs, result, error } = execution;
  return {
    status,
    startedMs,
    endedMs,
    operations: operationCount,
    historyBytes,
    invocations,
    billedMs,
    realMs,
    result,
    error,
  };
}

/** Opens a workflow whose executions start on the local runner instead of Lambda. */
export function openLocalWorkflow({ start }: Pick<Runner, "start">): ExportWorkflow {
  return {
    async start(id, errand) {
      const { name, payload } = describeJob({ id, errand });
      await start(name, payload);
    },
  };
}

/**
 * The payload of an execution that runs an export. A delivery job's payload has one more field, so it does not match.
 * The failure of a delivery job must not change its export, which has already ended.
 */
const ExportPayload = z.strictObject({ id: z.string() });

/** Returns a callback for `onFailed`. The callback records the export of a failed execution as failed. */
export function failExports(app: AppContext): (failure: Failure) => Promise<void> {
  return async ({ payload, error }) => {
    const given = ExportPayload.safeParse(payload);
    if (!given.success) return;
    await publishFailure(app, given.data.id, isMismatch(error) ? outdated : toProblem(error));
  };
}
