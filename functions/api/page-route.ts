import { createHash } from "node:crypto";
import { ExportError } from "../core/basics/errors.ts";
import {
  chooseEncoding,
  type ContentEncoding,
  matchesEtag,
  pagePolicy,
} from "../core/contract/http-headers.ts";
import { answerBytes, type HttpAnswer, type HttpEvent } from "./http-messages.ts";
import type { PageFiles } from "./page-files.ts";

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
