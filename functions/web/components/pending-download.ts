import type { ShownExport } from "../client/api-client.ts";
import { tabStorage } from "../client/browser-storage.ts";
import type { ViewContext } from "./view-elements.ts";

/** Why an export has no file any more: `gone` when it was cleaned up after its time, `deleted` by a person. */
export type NoFileReason = "gone" | "deleted";

/**
 * Downloads the file of an export. Returns why there is no file; null when there is one. Looks for the file first,
 * because otherwise the browser would replace the page by the storage's error. The browser then opens the file's
 * address, because a script may not read the answers of another origin.
 */
export async function download({ client }: ViewContext, id: string): Promise<NoFileReason | null> {
  const hasFile = await client.hasFile(id);
  const { seen } = await client.readExport(id);
  if (!hasFile || seen.result === null) return findNoFileReason(seen);
  location.assign(seen.result.file.url);
  return null;
}

export function findNoFileReason({ isDeleted }: Pick<ShownExport, "isDeleted">): NoFileReason {
  return isDeleted === true ? "deleted" : "gone";
}

/**
 * Starts the download of an export that is marked for download. The download starts once, even when the export is shown
 * again. Returns true when it has started.
 */
export function beginDownload({ id, result }: ShownExport): boolean {
  if (result === null || !takePendingDownload(id)) return false;
  location.assign(result.file.url);
  return true;
}

const key = "awaited";

/**
 * Marks an export, so that its download starts when the export is finished. The mark belongs to the tab and survives a
 * reload.
 */
export function rememberDownload(id: string): void {
  keep([...listPending().filter((other) => other !== id), id]);
}

/** Removes the mark for download from the export. Returns true when the export was marked. */
export function takePendingDownload(id: string): boolean {
  const ids = listPending();
  keep(ids.filter((other) => other !== id));
  return ids.includes(id);
}

function listPending(): string[] {
  return (tabStorage.read(key) ?? "").split(" ").filter((id) => id !== "");
}

function keep(ids: string[]): void {
  tabStorage.write(key, ids.join(" "));
}
