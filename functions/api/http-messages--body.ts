import { ExportError } from "../core/basics/errors.ts";
import type { HttpEvent } from "./http-messages.ts";

/** Many times what all options together take. */
const mostBytes = 64 * 1024;

/** Throws for a body of more than any route takes, before it is looked at. */
export function limitBody({ body = "", isBase64Encoded }: HttpEvent): void {
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") <= mostBytes) return;
  throw new ExportError("oversized", "body_too_large", `The body is larger than ${mostBytes / 1024} KB.`);
}

/** The request's JSON, of any shape; nothing at all is an empty object. Of a name given twice the last counts. */
export function readJsonBody(event: HttpEvent): unknown {
  const type = event.headers["content-type"] ?? "application/json";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const detail = "Send the options as a JSON object, with `Content-Type: application/json`.";
    throw new ExportError("unsupported", "unsupported_media_type", detail);
  }
  try {
    const text = decodeBody(event, { fatal: true }).trim();
    return text === "" ? {} : JSON.parse(text);
  } catch (cause) {
    const detail = "The body is no JSON. Send the options as a JSON object.";
    throw new ExportError("invalid", "invalid_json", detail, { cause });
  }
}

/** The body as text, of whatever it is. */
export function readBodyText(event: HttpEvent): string {
  return decodeBody(event, { fatal: false });
}

/** What is no UTF-8 is replaced, or throws where it is `fatal`. */
function decodeBody({ body = "", isBase64Encoded }: HttpEvent, { fatal }: { fatal: boolean }): string {
  if (!isBase64Encoded) return body;
  return new TextDecoder("utf-8", { fatal }).decode(Buffer.from(body, "base64"));
}
