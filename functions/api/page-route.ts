import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ExportError } from "../core/basics/errors.ts";
import {
  chooseEncoding,
  type ContentEncoding,
  matchesEtag,
  pagePolicy,
} from "../core/contract/http-headers.ts";
import { answerBytes, type HttpAnswer, type HttpEvent } from "./http-messages.ts";

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

/** The page, at whatever address there is: its script asks the API for what is there. */
export async function showPage(web: PageFiles, event: HttpEvent): Promise<HttpAnswer> {
  const { bytes, headers } = await readPage(web, event);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  const kept = { ...headers, "cache-control": "no-cache", etag };
  if (!matchesEtag(event.headers["if-none-match"], etag)) return answerBytes(bytes, kept);
  return { statusCode: 304, headers: kept, body: "" };
}

/** The page that stands in for another answer, under that one's status: no cache may keep it. */
export async function showPageAs(web: PageFiles, event: HttpEvent, statusCode: number): Promise<HttpAnswer> {
  const { bytes, headers } = await readPage(web, event);
  return { ...answerBytes(bytes, headers), statusCode };
}

async function readPage(web: PageFiles, { headers: asked }: HttpEvent) {
  const encoding = chooseEncoding(asked["accept-encoding"]);
  const headers = {
    "content-security-policy": pagePolicy,
    "content-type": "text/html; charset=utf-8",
    vary: "accept, accept-encoding",
    ...describe(encoding),
  };
  return { bytes: await web.readDocument(encoding), headers };
}

const assetTypes: Record<string, string> = { css: "text/css", js: "text/javascript" };

/** A script or a style: its name changes with what is in it, so it may be kept for ever. */
export async function showAsset(web: PageFiles, { headers: asked, rawPath }: HttpEvent): Promise<HttpAnswer> {
  const encoding = chooseEncoding(asked["accept-encoding"]);
  const name = rawPath.slice("/assets/".length);
  const bytes = await web.readAsset(name, encoding);
  if (bytes === null)
    throw new ExportError("missing", "not_found", "There is no such file. Load the page again.");
  return answerBytes(bytes, {
    "cache-control": "public, max-age=31536000, immutable",
    "content-type": `${assetTypes[name.replace(/.*\./, "")]}; charset=utf-8`,
    vary: "accept-encoding",
    ...describe(encoding),
  });
}

function describe(encoding: ContentEncoding): Record<string, string> {
  return encoding === "identity" ? {} : { "content-encoding": encoding };
}
