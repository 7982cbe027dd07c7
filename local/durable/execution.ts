import { applyUpdate, type Operation, type Update } from "./operations.ts";
import { countOperations, faultDelayMs, maxFaults, measureUpdates } from "./service-limits.ts";

export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "STOPPED" | "TIMED_OUT";
export type Failed = { name: string; message: string };

export type Outcome =
  | { kind: "pending" }
  | { kind: "succeeded"; result: string | null }
  | { kind: "failed"; error: Failed }
  /** The invocation broke: it is tried again, a few times. */
  | { kind: "fault"; error: Failed };

/** The lines of a log: an execution is what its events make of it, and no event is left out. */
export type Event = { atMs: number } & (
  | { kind: "started"; name: string; payload: string }
  | { kind: "invoked" }
  | { kind: "checkpoint"; updates: Update[] }
  | { kind: "returned"; billedMs: number; realMs: number; outcome: Outcome }
  | { kind: "ended"; status: "STOPPED" | "TIMED_OUT" }
);

export type Execution = {
  name: string;
  payload: string;
  status: Status;
  startedMs: number;
  endedMs: number | null;
  /** When the last event came. */
  lastMs: number;
  /** When to invoke next; Infinity when nothing will call for it. */
  wakeMs: number;
  operations: Map<string, Operation>;
  operationCount: number;
  historyBytes: number;
  invocations: number;
  billedMs: number;
  realMs: number;
  /** How many invocations in a row broke. */
  faults: number;
  result: string | null;
  error: Failed | null;
};

export function beginExecution({ name, payload, atMs }: Event & { kind: "started" }): Execution {
  return {
    name,
    payload,
    status: "RUNNING",
    startedMs: atMs,
    endedMs: null,
    lastMs: atMs,
    wakeMs: atMs,
    operations: new Map(),
    operationCount: 0,
    historyBytes: 0,
    invocations: 0,
    billedMs: 0,
    realMs: 0,
    faults: 0,
    result: null,
    error: null,
  };
}

export function applyEvent(execution: Execution, event: Event): void {
  execution.lastMs = event.atMs;
  if (event.kind === "invoked") {
    execution.invocations += 1;
    // in case the process dies in the middle of it
    execution.wakeMs = event.atMs;
  }
  if (event.kind === "checkpoint") applyUpdates(execution, event.updates);
  if (event.kind === "returned") applyReturn(execution, event);
  if (event.kind === "ended") endExecution(execution, event.status);
}

function applyUpdates(execution: Execution, updates: Update[]): void {
  const { operations, lastMs } = execution;
  execution.operationCount += countOperations(operations, updates);
  execution.historyBytes += measureUpdates(updates);
  for (const update of updates) {
    // a result too large for an answer comes this way
    if (update.Type === "EXECUTION") execution.result = update.Payload ?? null;
    else operations.set(update.Id, applyUpdate(operations.get(update.Id), update, lastMs));
  }
}

function applyReturn(
  execution: Execution,
  { billedMs, realMs, outcome }: Event & { kind: "returned" },
): void {
  execution.billedMs += billedMs;
  execution.realMs += realMs;
  execution.faults = outcome.kind === "fault" ? execution.faults + 1 : 0;
  execution.wakeMs =
    outcome.kind === "fault" ? execution.lastMs + faultDelayMs : findWake(execution.operations);
  if (outcome.kind === "succeeded") {
    execution.result = outcome.result || execution.result;
    endExecution(execution, "SUCCEEDED");
  }
  if (outcome.kind === "failed" || execution.faults === maxFaults) {
    execution.error = "error" in outcome ? outcome.error : null;
    endExecution(execution, "FAILED");
  }
}

function endExecution(execution: Execution, status: Status): void {
  execution.status = status;
  execution.endedMs = execution.lastMs;
}

/** When the first of the waits and retries is due; Infinity when there is none. */
export function findWake(operations: Execution["operations"]): number {
  const times = [...operations.values()].map(({ status, dueMs }) =>
    status === "READY" ? -Infinity : (dueMs ?? Infinity),
  );
  return Math.min(Infinity, ...times);
}

/** As the SDK calls it. */
const name = "NonDeterministicExecutionError";

/** Whether the history is of other code than the one that was to go on with it. */
export function isMismatch(error: Failed): boolean {
  return error.name === name;
}

/**
 * Why the SDK may say that it waits although nothing is pending and nothing has come of the invocation: version 1 does
 * so where the code asks for something else than the history has there, and would for ever
 * (https://github.com/aws/aws-durable-execution-sdk-js/issues/865).
 */
export function describeMismatch({ operations }: Execution): Failed {
  const last = [...operations.values()].at(-1);
  const newest = last === undefined ? "is empty" : `ends with the ${last.Type} ${last.Name ?? last.Id}`;
  const message =
    `The code has changed since the execution began, and does not fit its history, which ${newest}: ` +
    "it returned PENDING status with no pending operations. Start it anew.";
  return { name, message };
}
