import type { Operation, Update } from "./operations.ts";

/** How many the updates add; AWS meters each retry as an operation of its own. */
export function countOperations(operations: Map<string, Operation>, updates: Update[]): number {
  const began = new Set(updates.map((update) => update.Id).filter((id) => !operations.has(id)));
  return began.size + updates.filter((update) => update.Action === "RETRY").length;
}

export function measureUpdates(updates: Update[]): number {
  return updates.reduce((bytes, { Payload, Error }) => bytes + measure(Payload) + measureJson(Error), 0);
}

const measure = (text = "") => Buffer.byteLength(text);
const measureJson = (value: unknown) => measure(JSON.stringify(value));
