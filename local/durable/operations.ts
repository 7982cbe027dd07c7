import type { SdkOperation } from "./operations--sdk.ts";

export type Failure = {
  ErrorType?: string | undefined;
  ErrorMessage?: string | undefined;
  ErrorData?: string | undefined;
  StackTrace?: string[] | undefined;
};

/** What the SDK sends: https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html */
export type Update = {
  Id: string;
  ParentId?: string | undefined;
  Name?: string | undefined;
  Type: "EXECUTION" | "CONTEXT" | "STEP" | "WAIT" | "CALLBACK" | "CHAINED_INVOKE";
  SubType?: string | undefined;
  Action: "START" | "SUCCEED" | "FAIL" | "RETRY" | "CANCEL";
  Payload?: string | undefined;
  Error?: Failure | undefined;
  ContextOptions?: { ReplayChildren?: boolean | undefined } | undefined;
  StepOptions?: { NextAttemptDelaySeconds?: number | undefined } | undefined;
  WaitOptions?: { WaitSeconds?: number | undefined } | undefined;
};

export type Operation = Pick<Update, "Id" | "ParentId" | "Name" | "Type" | "SubType"> & {
  status: "STARTED" | "PENDING" | "READY" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  startedMs: number;
  endedMs: number | null;
  /** When a wait is over, or a step may be tried again. */
  dueMs: number | null;
  /** How many attempts have ended. */
  attempt: number;
  result?: string | undefined;
  error?: Failure | undefined;
  replaysChildren: boolean;
};

const statuses = {
  START: "STARTED",
  SUCCEED: "SUCCEEDED",
  FAIL: "FAILED",
  RETRY: "PENDING",
  CANCEL: "CANCELLED",
} as const;

export function applyUpdate(before: Operation | undefined, update: Update, atMs: number): Operation {
  const { Id, ParentId, Name, Type, SubType, Action, Payload, Error, ContextOptions } = update;
  const { startedMs, attempt, result, error } = before ?? { startedMs: atMs, attempt: 0 };
  const isStart = Action === "START";
  return {
    Id,
    ParentId,
    Name,
    Type,
    SubType,
    startedMs,
    status: statuses[Action],
    endedMs: isStart || Action === "RETRY" ? null : atMs,
    dueMs: findDue(update, atMs),
    attempt: isStart ? attempt : attempt + 1,
    // a start keeps them: a condition's next check begins with what the last one gave
    result: isStart ? result : Payload,
    error: isStart ? error : Error,
    replaysChildren: ContextOptions?.ReplayChildren ?? false,
  };
}

function findDue({ Type, Action, StepOptions, WaitOptions }: Update, atMs: number): number | null {
  if (Action === "RETRY") return atMs + (StepOptions?.NextAttemptDelaySeconds ?? 0) * 1000;
  if (Type === "WAIT" && Action === "START") return atMs + (WaitOptions?.WaitSeconds ?? 0) * 1000;
  return null;
}

/** What becomes of an operation whose time has come; others stay as they are. */
export function settleTimer(operation: Operation, nowMs: number): Operation {
  const { dueMs, Type } = operation;
  if (dueMs === null || dueMs > nowMs) return operation;
  if (Type === "WAIT") return { ...operation, status: "SUCCEEDED", dueMs: null, endedMs: dueMs };
  return { ...operation, status: "READY", dueMs: null };
}

/** As the service shows it. The SDK sets timers by the system's clock, which is `shiftMs` ahead of ours. */
export function describeOperation(operation: Operation, shiftMs: number): SdkOperation {
  const { Id, ParentId, Name, Type, SubType, status, startedMs, endedMs, dueMs, attempt } = operation;
  const { result: Result, error: Error, replaysChildren: ReplayChildren } = operation;
  const show = (ms: number | null) => (ms === null ? undefined : new Date(ms + shiftMs));
  const due = show(dueMs);
  return {
    Id,
    ParentId,
    Name,
    Type,
    SubType,
    Status: status,
    StartTimestamp: show(startedMs),
    EndTimestamp: show(endedMs),
    ...(Type === "STEP" && { StepDetails: { Attempt: attempt, NextAttemptTimestamp: due, Result, Error } }),
    ...(Type === "WAIT" && { WaitDetails: { ScheduledEndTimestamp: due } }),
    ...(Type === "CONTEXT" && { ContextDetails: { Result, Error, ReplayChildren } }),
  };
}
