import { tabStorage } from "../client/browser-storage.ts";

const key = "awaited";

/**
 * Has the export's file downloaded as soon as it is there: of what this tab started, or an address asked for,
 * also after a reload.
 */
export function rememberDownload(id: string): void {
  keep([...listAwaited().filter((other) => other !== id), id]);
}

/** Whether it was awaited. */
export function takePendingDownload(id: string): boolean {
  const ids = listAwaited();
  keep(ids.filter((other) => other !== id));
  return ids.includes(id);
}

function listAwaited(): string[] {
  return (tabStorage.read(key) ?? "").split(" ").filter((id) => id !== "");
}

function keep(ids: string[]): void {
  tabStorage.write(key, ids.join(" "));
}
