import { applyUpdate, completeTimer, type Operation, type Update } from "./operations.ts";
import { countOperations, faultDelayMs, maxFaults, measureUpdates } from "./service-limits.ts";

export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "STOPPED" | "TIMED_OUT";
export type ExecutionError = { name: string; message: string };

export type Outcome =
  | { kind: "pending" }
  | { kind: "succeeded"; result: string | null }
  | { kind: "failed"; error: ExecutionError }
  /**
   * The invocation crashed or timed out. The execution fails when `maxFaults` invocations in a row end in this way.
   */
  | { kind: "fault"; error: ExecutionError };

/** An event of an execution, which is one line of its log. The state of an execution follows from its events alone. */
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
  /** The time of the newest event. */
  lastMs: number;
  /** The time of the next invocation; Infinity when no invocation is planned. */
  wakeMs: number;
  operations: Map<string, Operation>;
  operationCount: number;
  historyBytes: number;
  invocations: number;
  billedMs: number;
  realMs: number;
  /** How many invocations in a row have crashed or timed out, counted back from the newest. */
  faults: number;
  result: string | null;
  error: ExecutionError | null;
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
  // The end of a wait is no event of its own. An execution that is read from its log learns it here, as it did when it
  // ran: otherwise the wait would cause one more invocation.
  if (event.kind === "invoked" || event.kind === "checkpoint") completeTimers(execution, event.atMs);
  if (event.kind === "invoked") {
    execution.invocations += 1;
    // Lets the next runner invoke at once if this process dies during the invocation.
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
    // The SDK sends the execution's result as an update when the result is too large for the invocation's answer.
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
    outcome.kind === "fault" ? execution.lastMs + faultDelayMs : findNextWake(execution.operations);
  if (outcome.kind === "succeeded") {
    execution.result = outcome.result || execution.result;
    endExecution(execution, "SUCCEEDED");
  }
  if (outcome.kind === "failed" || execution.faults === maxFaults) {
    execution.error = "error" in outcome ? outcome.error : null;
    endExecution(execution, "FAILED");
  }
}

/**
 * Finds the waits and retries whose time has come. Ends these waits, marks these retries as ready, and returns the ids
 * of both.
 */
export function completeTimers({ operations }: Execution, nowMs: number): string[] {
  const dueOperations = [...operations.values()].filter(({ dueMs }) => dueMs !== null && dueMs <= nowMs);
  for (const operation of dueOperations) operations.set(operation.Id, completeTimer(operation, nowMs));
  return dueOperations.map(({ Id }) => Id);
}

function endExecution(execution: Execution, status: Status): void {
  execution.status = status;
  execution.endedMs = execution.lastMs;
}

/**
 * Returns the earliest time at which a wait ends or a retry begins. Returns Infinity when no wait or retry is pending,
 * and -Infinity when a retry is ready.
 */
export function findNextWake(operations: Execution["operations"]): number {
  const times = [...operations.values()].map(({ status, dueMs }) =>
    status === "READY" ? -Infinity : (dueMs ?? Infinity),
  );
  return Math.min(Infinity, ...times);
}

/** The name of the SDK's error for a history that does not fit the code. */
const name = "NonDeterministicExecutionError";

/** True when the error says that the history does not fit the code. */
export function isMismatch(error: ExecutionError): boolean {
  return error.name === name;
}

/**
 * Returns the error for an invocation that answers PENDING although it changed nothing and no operation is pending.
 * Version 1 of the SDK gives this answer when the code's next operation differs from the one in the history. Every
 * further invocation gives it again (https://github.com/aws/aws-durable-execution-sdk-js/issues/865).
 */
export function describeMismatch({ operations }: Execution): ExecutionError {
  const last = [...operations.values()].at(-1);
  const newest = last === undefined ? "is empty" : `ends with the ${last.Type} ${last.Name ?? last.Id}`;
  const message =
    `The code has changed since the execution began, and does not fit its history, which ${newest}: ` +
    "it returned PENDING status with no pending operations. Start it again.";
  return { name, message };
}
