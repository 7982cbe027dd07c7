import { ServiceError, refuse } from "./service-limits--error.ts";
import type { Execution } from "./execution.ts";
import { maxHistoryBytes, maxOperations, maxPayloadBytes, maxSeconds, operationName } from "./service-limits.ts";
import { countOperations, measureUpdates } from "./service-limits--meter.ts";
import type { Operation, Update } from "./operations.ts";

/** Throws what the service would answer to updates that it does not take. */
export function checkUpdates(execution: Execution, updates: Update[]): void {
  const { operations, operationCount, historyBytes } = execution;
  for (const update of updates) {
    checkShape(update);
    checkSize(update);
    checkTurn(update, operations.get(update.Id)?.status);
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

/** An operation starts once, a retried step once more when its time has come; only what runs can end. */
function checkTurn({ Type, Action }: Update, status: Operation["status"] | undefined): void {
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
