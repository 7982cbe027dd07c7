import { tab } from "../client/browser-storage.ts";

const key = "awaited";

/**
 * Has the export's file downloaded as soon as it is there: of what this tab started, or an address asked for,
 * also after a reload.
 */
export function awaitFile(id: string): void {
  keep([...listAwaited().filter((other) => other !== id), id]);
}

/** Whether it was awaited. */
export function stopAwaiting(id: string): boolean {
  const ids = listAwaited();
  keep(ids.filter((other) => other !== id));
  return ids.includes(id);
}

function listAwaited(): string[] {
  return (tab.read(key) ?? "").split(" ").filter((id) => id !== "");
}

function keep(ids: string[]): void {
  tab.write(key, ids.join(" "));
}
