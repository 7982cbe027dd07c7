import type { App } from "./view-elements--app.ts";
import { stopAwaiting } from "./pending-download--awaited.ts";
import type { Export } from "../client/api-client.ts";

/**
 * Downloads the export's file by going to its address, which leaves the page where it is: a script may not read
 * another origin's answer. False when the file has been cleaned up, which must be known before: the storage
 * would say so in XML.
 */
export async function download({ client }: App, id: string): Promise<boolean> {
  if (!(await client.hasFile(id))) return false;
  const { seen } = await client.readExport(id);
  if (seen.result === null) return false;
  location.assign(seen.result.file.url);
  return true;
}

/** Begins the download of a file that somebody waits for, once however often it is shown. */
export function beginDownload({ id, result }: Export): boolean {
  if (result === null || !stopAwaiting(id)) return false;
  location.assign(result.file.url);
  return true;
}
