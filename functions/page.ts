import { createHash } from "node:crypto";
import { chooseEncoding, type Encoding } from "./core/accept.ts";
import { ExportError } from "./core/error.ts";
import { hasTag, pagePolicy } from "./core/header.ts";
import { answerBytes } from "./io/answer.ts";
import type { Answer, Event } from "./io/http.ts";
import type { Web } from "./io/web.ts";

/** The page, at whatever address: its script asks the API for what is there. */
export async function showPage(web: Web, { headers: asked }: Event): Promise<Answer> {
  const encoding = chooseEncoding(asked["accept-encoding"]);
  const bytes = await web.readDocument(encoding);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy": pagePolicy,
    etag,
    vary: "accept, accept-encoding",
  };
  if (hasTag(asked["if-none-match"], etag)) return { statusCode: 304, headers, body: "" };
  return answerBytes(bytes, {
    ...headers,
    "content-type": "text/html; charset=utf-8",
    ...describe(encoding),
  });
}

const assetTypes: Record<string, string> = { css: "text/css", js: "text/javascript" };

/** A script or a style: its name changes with what is in it, so it may be kept for ever. */
export async function showAsset(web: Web, { headers: asked, rawPath }: Event): Promise<Answer> {
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

function describe(encoding: Encoding): Record<string, string> {
  return encoding === "identity" ? {} : { "content-encoding": encoding };
}
