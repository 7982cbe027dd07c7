import type { ShownExport } from "../client/api-client.ts";
import { tabStorage } from "../client/browser-storage.ts";
import type { ViewContext } from "./view-elements.ts";

/**
 * Downloads the export's file by going to its address, which leaves the page where it is: a script may not read
 * another origin's answer. False when the file has been cleaned up, which must be known before: the storage
 * would say so in XML.
 */
export async function download({ client }: ViewContext, id: string): Promise<boolean> {
  if (!(await client.hasFile(id))) return false;
  const { seen } = await client.readExport(id);
  if (seen.result === null) return false;
  location.assign(seen.result.file.url);
  return true;
}

/** Begins the download of a file that somebody waits for, once however often it is shown. */
export function beginDownload({ id, result }: ShownExport): boolean {
  if (result === null || !takePendingDownload(id)) return false;
  location.assign(result.file.url);
  return true;
}

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
