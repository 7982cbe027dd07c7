import { AsyncLocalStorage } from "node:async_hooks";

/** By which the log lines of one request, export, execution or step are found again. */
export type LogIds = Partial<
  Record<"requestId" | "exportId" | "executionId" | "step" | "snapshotId" | "schedule" | "deliveryId", string>
>;

const scope = new AsyncLocalStorage<LogIds>();

/** What is logged in the course of it carries the ids, with those that are carried already. */
export function withLogIds<T>(ids: LogIds, run: () => T): T {
  return scope.run({ ...scope.getStore(), ...ids }, run);
}

export function readLogIds(): LogIds {
  return scope.getStore() ?? {};
}
