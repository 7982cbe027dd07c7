import type { Operation, Update } from "./operations.ts";

// The limits of one execution: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
export const maxOperations = 3000;
export const maxHistoryBytes = 100 * 1024 * 1024;

// The limits of an update: https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html and the pages of its
// option types
export const maxPayloadBytes = 256 * 1024;
export const maxSeconds = 31_622_400;
export const operationName = /^[\x20-\x7e]{1,256}$/;

// The pattern of X-Amz-Durable-Execution-Name: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
export const executionName = /^[A-Za-z0-9-_]{1,64}$/;

// The default and maximum of MaxItems: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionState.html
export const pageSize = 100;
export const maxPageSize = 1000;

// This runner gives up after `maxFaults` crashed invocations in a row, and waits `faultDelayMs` after each. AWS
// documents no retries of crashed invocations.
export const maxFaults = 5;
export const faultDelayMs = 5000;

/** Returns the number of operations that the updates add. AWS counts each retry as an operation. */
export function countOperations(operations: Map<string, Operation>, updates: Update[]): number {
  const began = new Set(updates.map((update) => update.Id).filter((id) => !operations.has(id)));
  return began.size + updates.filter((update) => update.Action === "RETRY").length;
}

export function measureUpdates(updates: Update[]): number {
  return updates.reduce((bytes, { Payload, Error }) => bytes + measure(Payload) + measureJson(Error), 0);
}

const measure = (text = "") => Buffer.byteLength(text);
const measureJson = (value: unknown) => measure(JSON.stringify(value));

/** An error in the form of Lambda's API. The SDK evaluates the error's name, status and message. */
export class ServiceError extends Error {
  readonly $metadata = { httpStatusCode: 400 };

  constructor(name: "InvalidParameterValueException" | "ValidationException", message: string) {
    super(message);
    this.name = name;
  }
}

export function refuse(message: string): ServiceError {
  return new ServiceError("InvalidParameterValueException", message);
}
