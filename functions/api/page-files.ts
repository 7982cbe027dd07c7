import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContentEncoding } from "../core/contract/http-headers.ts";

const suffixes: Record<ContentEncoding, string> = { br: ".br", gzip: ".gz", identity: "" };

/** The browser's page as its build left it in the folder; nothing is read before it is asked for. */
export type PageFiles = ReturnType<typeof openPageFiles>;

export function openPageFiles(folder: string) {
  async function readDocument(encoding: ContentEncoding): Promise<Buffer> {
    return await readFile(join(folder, `index.html${suffixes[encoding]}`));
  }

  /** Null when there is none of that name, such as one of an earlier build. */
  async function readAsset(name: string, encoding: ContentEncoding): Promise<Buffer | null> {
    if (!/^[a-z]+-[A-Z0-9]{8}\.(js|css)$/.test(name)) return null;
    return await readFile(join(folder, `${name}${suffixes[encoding]}`)).catch(readNothing);
  }

  return { readDocument, readAsset };
}

function readNothing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
