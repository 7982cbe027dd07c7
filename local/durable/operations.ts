import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { workflow } from "sst/aws/workflow";

export type Failure = {
  ErrorType?: string | undefined;
  ErrorMessage?: string | undefined;
  ErrorData?: string | undefined;
  StackTrace?: string[] | undefined;
};

/**
 * A change to an operation, as the SDK sends it:
 * https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
 */
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
  /** The time when a wait ends or a step may be tried again; null when neither is pending. */
  dueMs: number | null;
  /** The number of ended attempts. */
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
    // A start keeps the previous attempt's result. When the SDK waits for a condition, it passes the result of one
    // check to the next check.
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

/** Ends a wait, or makes a retry ready, when its time has come. Returns all other operations unchanged. */
export function completeTimer(operation: Operation, nowMs: number): Operation {
  const { dueMs, Type } = operation;
  if (dueMs === null || dueMs > nowMs) return operation;
  if (Type === "WAIT") return { ...operation, status: "SUCCEEDED", dueMs: null, endedMs: dueMs };
  return { ...operation, status: "READY", dueMs: null };
}

/**
 * Returns an operation in the format of Lambda's API. Adds `shiftMs` to times of the runner's clock, because the SDK
 * expects times of the system's clock.
 */
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

/** The function that `workflow.handler` returns and Lambda invokes. */
export type DurableHandler = ReturnType<typeof workflow.handler>;
export type InvocationInput = Parameters<DurableHandler>[0];
type SdkOperation = InvocationInput["InitialExecutionState"]["Operations"][number];

export type CheckpointRequest = { CheckpointToken: string; Updates?: Update[] };
type CheckpointResponse = {
  CheckpointToken: string;
  NewExecutionState: { Operations: SdkOperation[] };
};
type StateRequest = { CheckpointToken: string; Marker?: string; MaxItems?: number };
export type Page = { Operations: SdkOperation[]; NextMarker?: string };

/** The two calls to Lambda's API that the SDK makes while a handler runs. */
export type DurableClient = {
  checkpoint: (request: CheckpointRequest) => Promise<CheckpointResponse>;
  getExecutionState: (request: StateRequest) => Promise<Page>;
};

type Sdk = {
  DurableExecutionInvocationInputWithClient: new (
    params: InvocationInput,
    client: DurableClient,
  ) => InvocationInput & { durableExecutionClient: DurableClient };
};

// Resolves the SDK from sst's folder, because sst pins the SDK's version and keeps the SDK in sst's node_modules.
const manifest = findPackageJSON("@aws/durable-execution-sdk-js", import.meta.resolve("sst/aws/workflow"));
if (manifest === undefined) throw new Error("sst has no durable execution SDK");
const sdk: Sdk = await import(pathToFileURL(join(dirname(manifest), "dist/index.mjs")).href);

/** Makes the input of an invocation whose checkpoints go to `client` instead of AWS. */
export function makeInput(params: InvocationInput, client: DurableClient): InvocationInput {
  return new sdk.DurableExecutionInvocationInputWithClient(params, client);
}

/** Splits an input into the two arguments of `makeInput`, for a handler that runs in another process. */
export function takeClient(input: InvocationInput): { params: InvocationInput; client: DurableClient } {
  if (!(input instanceof sdk.DurableExecutionInvocationInputWithClient))
    throw new Error("the input has no client");
  const { durableExecutionClient: client, ...params } = input;
  return { params, client };
}
