import { findRetryAt } from "../../core/rate-limit/retry-after.ts";

/** The rate limit as the headers of a response state it. A number is null when its header is missing or malformed. */
export type RateHeaders = { remaining: number | null; perWindow: number | null };

export const unknownRateHeaders: RateHeaders = { remaining: null, perWindow: null };

export function readRateHeaders(headers: Headers): RateHeaders {
  const perWindow = readCount(headers, "x-ratelimit-limit");
  // A limit of 0 must be wrong, because the portal has responded. Then `remaining` is probably wrong too.
  if (perWindow === 0) return unknownRateHeaders;
  return { remaining: readCount(headers, "x-ratelimit-remaining"), perWindow };
}

/** Returns the first number in the header; null when there is none. A proxy may append more numbers: `60, 60;w=60`. */
function readCount(headers: Headers, name: string): number | null {
  const [, count] = /^(\d{1,12})(?:\s*[,;].*)?$/.exec(headers.get(name) ?? "") ?? [];
  return count === undefined ? null : Number(count);
}

/**
 * Returns the time at which the portal accepts requests again, by the clock of `nowMs`. Returns null when the headers
 * do not say.
 */
export function readRetryAt(headers: Headers, nowMs: number): number | null {
  const pause = {
    retryAfter: headers.get("retry-after"),
    reset: headers.get("x-ratelimit-reset"),
    date: headers.get("date"),
  };
  return findRetryAt(pause, nowMs);
}

/** Returns the content type without its parameters, and shortened so that an error message may safely show it. */
export function nameContentType(contentType: string | null): string {
  return (
    /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(contentType?.trim() ?? "")?.[0].toLowerCase() ?? "no content type"
  );
}

/** Decodes a body by its byte order mark, else by the charset of its content type, else as UTF-8. */
export function decodeBody(bytes: Uint8Array, contentType: string | null): string {
  return new TextDecoder(findByteOrderMark(bytes) ?? findCharset(contentType)).decode(bytes);
}

const byteOrderMarks = [
  { label: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { label: "utf-16be", bytes: [0xfe, 0xff] },
  { label: "utf-16le", bytes: [0xff, 0xfe] },
];

function findByteOrderMark(bytes: Uint8Array): string | null {
  return (
    byteOrderMarks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte))?.label ?? null
  );
}

function findCharset(contentType: string | null): string {
  const [, quoted, bare] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(contentType ?? "") ?? [];
  const label = quoted ?? bare ?? "utf-8";
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return "utf-8";
  }
}
