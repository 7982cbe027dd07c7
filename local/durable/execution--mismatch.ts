import type { Execution, Failed } from "./execution.ts";

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
