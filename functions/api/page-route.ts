import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ExportError } from "../core/basics/errors.ts";
import { chooseEncoding, type ContentEncoding, matchesEtag } from "../core/contract/http-headers.ts";
import { answerBytes, type HttpAnswer, type HttpEvent } from "./http-messages.ts";

const suffixes: Record<ContentEncoding, string> = { br: ".br", gzip: ".gz", identity: "" };

/** The built files of the page. A file is read for each request that needs it. */
export type PageFiles = ReturnType<typeof openPageFiles>;

export function openPageFiles(folder: string) {
  async function readDocument(encoding: ContentEncoding): Promise<Buffer> {
    return await readFile(join(folder, `index.html${suffixes[encoding]}`));
  }

  /** Returns null for an unknown name, such as the name of a file from an earlier build. */
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

/** Answers with the page, which is the same at every address. The page's script reads the address and asks the API. */
export async function showPage(web: PageFiles, event: HttpEvent): Promise<HttpAnswer> {
  const { bytes, headers } = await readPage(web, event);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  const cacheHeaders = { ...headers, "cache-control": "no-cache", etag };
  if (!matchesEtag(event.headers["if-none-match"], etag)) return answerBytes(bytes, cacheHeaders);
  return { statusCode: 304, headers: cacheHeaders, body: "" };
}

/** Answers with the page and the status of another answer, such as an error. No cache may keep this answer. */
export async function showPageAs(web: PageFiles, event: HttpEvent, statusCode: number): Promise<HttpAnswer> {
  const { bytes, headers } = await readPage(web, event);
  return { ...answerBytes(bytes, headers), statusCode };
}

/** The page's Content-Security-Policy. It allows only the page's own origin, and images in `data:` URLs. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

async function readPage(web: PageFiles, { headers: requested }: HttpEvent) {
  const encoding = chooseEncoding(requested["accept-encoding"]);
  const headers = {
    "content-security-policy": pagePolicy,
    "content-type": "text/html; charset=utf-8",
    vary: "accept, accept-encoding",
    ...encodingHeaders(encoding),
  };
  return { bytes: await web.readDocument(encoding), headers };
}

const assetTypes: Record<string, string> = { css: "text/css", js: "text/javascript" };

/** Answers with a script or a style sheet. Caches may keep it for ever, because its name changes with its content. */
export async function showAsset(
  web: PageFiles,
  { headers: requested, rawPath }: HttpEvent,
): Promise<HttpAnswer> {
  const encoding = chooseEncoding(requested["accept-encoding"]);
  const name = rawPath.slice("/assets/".length);
  const bytes = await web.readAsset(name, encoding);
  if (bytes === null)
    throw new ExportError("missing", "not_found", "There is no such file. Load the page again.");
  return answerBytes(bytes, {
    "cache-control": "public, max-age=31536000, immutable",
    "content-type": `${assetTypes[name.replace(/.*\./, "")]}; charset=utf-8`,
    vary: "accept-encoding",
    ...encodingHeaders(encoding),
  });
}

function encodingHeaders(encoding: ContentEncoding): Record<string, string> {
  return encoding === "identity" ? {} : { "content-encoding": encoding };
}
