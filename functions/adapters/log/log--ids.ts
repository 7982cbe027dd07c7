import { AsyncLocalStorage } from "node:async_hooks";

/** By which the log lines of one request, export, execution or step are found again. */
export type Ids = Partial<
  Record<"requestId" | "exportId" | "executionId" | "step" | "snapshotId" | "schedule" | "deliveryId", string>
>;

const scope = new AsyncLocalStorage<Ids>();

/** What is logged in the course of it carries the ids, with those that are carried already. */
export function withIds<T>(ids: Ids, run: () => T): T {
  return scope.run({ ...scope.getStore(), ...ids }, run);
}

export function readIds(): Ids {
  return scope.getStore() ?? {};
}
