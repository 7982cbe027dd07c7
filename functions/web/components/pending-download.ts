import type { ShownExport } from "../client/api-client.ts";
import { tabStorage } from "../client/browser-storage.ts";
import type { ViewContext } from "./view-elements.ts";

/**
 * Downloads the export's file. Returns false when the file has been cleaned up; the check comes first, because the
 * browser would leave the page for the storage's error. The browser opens the file's address, since a script may not
 * read another origin's answer. The page stays open.
 */
export async function download({ client }: ViewContext, id: string): Promise<boolean> {
  if (!(await client.hasFile(id))) return false;
  const { seen } = await client.readExport(id);
  if (seen.result === null) return false;
  location.assign(seen.result.file.url);
  return true;
}

/** Starts a pending download. It starts once, even when the export is shown again. */
export function beginDownload({ id, result }: ShownExport): boolean {
  if (result === null || !takePendingDownload(id)) return false;
  location.assign(result.file.url);
  return true;
}

const key = "awaited";

/** Marks an export for download as soon as it is finished. The mark belongs to the tab and survives a reload. */
export function rememberDownload(id: string): void {
  keep([...listPending().filter((other) => other !== id), id]);
}

/** Removes the mark. Returns true when there was one. */
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
