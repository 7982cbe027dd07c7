import type { RunningExecution } from "./execution-log.ts";
import { completeTimers, type Execution } from "./execution.ts";
import {
  describeOperation,
  type DurableClient,
  type InvocationInput,
  type Operation,
  type Page,
  type Update,
} from "./operations.ts";
import {
  countOperations,
  maxHistoryBytes,
  maxOperations,
  maxPageSize,
  maxPayloadBytes,
  maxSeconds,
  measureUpdates,
  operationName,
  pageSize,
  refuse,
  ServiceError,
} from "./service-limits.ts";

type Invocation = {
  id: string;
  isOver: () => boolean;
  /** Called after each accepted checkpoint. */
  onCheckpoint?: () => void;
};

/**
 * Opens an invocation. Returns the handler's input and the client for the handler's checkpoints. The input holds the
 * first page of the history.
 */
export function openSession(
  live: RunningExecution,
  { id, isOver, onCheckpoint }: Invocation,
): [InvocationInput, DurableClient] {
  const { execution } = live;
  let turn = 0;
  const makeToken = () => `${id}-${turn}`;
  const checkToken = (token: string) => {
    // Only the newest token is valid, and only while the invocation and the execution run.
    if (token !== makeToken() || execution.status !== "RUNNING" || isOver())
      throw refuse("Invalid checkpoint token");
  };
  completeTimers(execution, live.now());
  const history = listHistory(live);
  const client: DurableClient = {
    async checkpoint({ CheckpointToken, Updates = [] }) {
      checkToken(CheckpointToken);
      const atMs = live.now();
      const changed = completeTimers(execution, atMs);
      checkUpdates(execution, Updates);
      if (Updates.length > 0) live.record({ kind: "checkpoint", atMs, updates: Updates });
      turn += 1;
      onCheckpoint?.();
      const ids = new Set([...changed, ...Updates.map((update) => update.Id)]);
      const Operations = listOperations(live, (operation) => ids.has(operation.Id));
      return { CheckpointToken: makeToken(), NewExecutionState: { Operations } };
    },
    async getExecutionState({ CheckpointToken, Marker, MaxItems }) {
      checkToken(CheckpointToken);
      return cutPage(history, Number(Marker ?? 0), MaxItems);
    },
  };
  const first = { CheckpointToken: makeToken(), InitialExecutionState: cutPage(history, 0) };
  return [{ DurableExecutionArn: describeArn(execution), ...first }, client];
}

/**
 * Lists the execution itself, then its operations in the order of their start. Omits the operations inside an ended
 * context when the context's result stands for them.
 */
function listHistory(live: RunningExecution): Page["Operations"] {
  const { name, payload, startedMs, operations } = live.execution;
  const StartTimestamp = new Date(startedMs + Date.now() - live.now());
  const ExecutionDetails = { InputPayload: payload };
  return [
    { Id: name, Type: "EXECUTION", Status: "STARTED", StartTimestamp, ExecutionDetails },
    ...listOperations(live, (operation) => !isInEndedContext(operation, operations)),
  ];
}

/**
 * True when a context around the operation has ended and does not replay its operations. The history then holds the
 * context's result instead of the operation.
 */
function isInEndedContext({ ParentId }: Operation, operations: Execution["operations"]): boolean {
  const parent = operations.get(ParentId ?? "");
  if (parent === undefined) return false;
  return (parent.endedMs !== null && !parent.replaysChildren) || isInEndedContext(parent, operations);
}

function listOperations({ execution, now }: RunningExecution, isWanted: (operation: Operation) => boolean) {
  const shiftMs = Date.now() - now();
  const wanted = [...execution.operations.values()].filter(isWanted);
  return wanted.map((operation) => describeOperation(operation, shiftMs));
}

function cutPage(operations: Page["Operations"], from: number, size = 0): Page {
  const to = from + Math.min(size || pageSize, maxPageSize);
  return {
    Operations: operations.slice(from, to),
    ...(to < operations.length && { NextMarker: String(to) }),
  };
}

function describeArn({ name, startedMs }: Execution): string {
  return `arn:aws:lambda:local:000000000000:function:local:$LATEST/durable-execution/${name}/${startedMs}`;
}

/** Throws Lambda's error when Lambda would refuse one of the updates. */
function checkUpdates(execution: Execution, updates: Update[]): void {
  const { operations, operationCount, historyBytes } = execution;
  for (const update of updates) {
    checkShape(update);
    checkSize(update);
    checkTransition(update, operations.get(update.Id)?.status);
  }
  if (operationCount + countOperations(operations, updates) > maxOperations)
    throw refuse(`An execution holds at most ${maxOperations} operations.`);
  if (historyBytes + measureUpdates(updates) > maxHistoryBytes)
    throw refuse(`An execution stores at most ${maxHistoryBytes} bytes.`);
}

function checkShape({ Type, Action, Name, WaitOptions, StepOptions }: Update): void {
  if (Type === "CALLBACK" || Type === "CHAINED_INVOKE" || Action === "CANCEL")
    throw refuse(`${Action} of ${Type} is not something that the local runner does.`);
  if (Name !== undefined && !operationName.test(Name))
    throw invalid("name", "1 to 256 printable ASCII characters");
  if (Type === "WAIT" && !isDelay(WaitOptions?.WaitSeconds)) throw invalid("waitSeconds", delays);
  if (Action === "RETRY" && !isDelay(StepOptions?.NextAttemptDelaySeconds))
    throw invalid("nextAttemptDelaySeconds", delays);
}

function checkSize({ Type, Payload, Error }: Update): void {
  if (Type !== "EXECUTION" && Buffer.byteLength(Payload ?? "") > maxPayloadBytes)
    throw refuse(`${Type} output payload size must be less than or equal to ${maxPayloadBytes} bytes.`);
  if (Buffer.byteLength(JSON.stringify(Error) ?? "") > maxPayloadBytes)
    throw refuse(`Error object size must be less than or equal to ${maxPayloadBytes} bytes.`);
}

/**
 * Throws when the operation's status does not allow the action. A new operation, and a retry whose time has come,
 * allow every action. A started operation allows every action except another start. All other operations allow none.
 */
function checkTransition({ Type, Action }: Update, status: Operation["status"] | undefined): void {
  if (status === undefined || status === "READY") return;
  if (Action !== "START" && status === "STARTED") return;
  throw refuse(`Invalid current ${Type} state to ${Action.toLowerCase()}.`);
}

const delays = `a whole number from 1 to ${maxSeconds}`;

function isDelay(seconds = 0): boolean {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= maxSeconds;
}

function invalid(member: string, expected: string): ServiceError {
  return new ServiceError(
    "ValidationException",
    `1 validation error detected: ${member} must be ${expected}`,
  );
}
