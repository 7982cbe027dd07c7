import Negotiator from "negotiator";
import { ExportError } from "../basics/errors.ts";
import type { Progress } from "../basics/stored-values.ts";

/**
 * The longest time for which a request may wait for its export. Proxies and spreadsheets give up after 30 seconds.
 */
export const maxWaitSeconds = 25;

/**
 * Reads from the header `Prefer` (RFC 7240) how many seconds a caller wants to wait for a finished export. `wait=N`
 * gives N, but at most `maxWaitSeconds`. `respond-async` gives 0. When the header has both, the first counts. Other
 * preferences are ignored.
 */
export function readPrefer(header: string | undefined, defaultSeconds: number): number {
  for (const preference of (header ?? "").toLowerCase().split(",")) {
    const [name = "", value = ""] = (preference.split(";")[0] ?? "").split("=").map((text) => text.trim());
    if (name === "respond-async") return 0;
    const seconds = /^"?(\d{1,9})"?$/.exec(value)?.[1];
    if (name === "wait" && seconds !== undefined) return Math.min(maxWaitSeconds, Number(seconds));
  }
  return defaultSeconds;
}

const minRetrySeconds = 2;
const maxRetrySeconds = 60;

/**
 * Returns the seconds after which the caller should ask again, from 2 to 60. While the rate limit is used up, the
 * caller should wait until the limit resets, because the export makes no progress until then.
 */
export function findRetryAfterSeconds({ waitingUntil }: Progress, now: Date): number {
  const leftMs = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now.getTime();
  return Math.min(maxRetrySeconds, Math.max(minRetrySeconds, Math.ceil(leftMs / 1000)));
}

/**
 * Returns the text of the header `Idempotency-Key`; null when the header is missing. Throws unless the text is 1 to
 * 255 printable ASCII characters.
 */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(header)) return header;
  const detail = "must be 1 to 255 printable ASCII characters";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Idempotency-Key.", {
    errors: [{ parameter: "Idempotency-Key", detail }],
  });
}

const page = "text/html;charset=utf-8";

/** True when a client prefers HTML to JSON. False for a client that accepts any type, as most programs do. */
export function prefersPage(accept: string | undefined): boolean {
  return new Negotiator({ headers: { accept } }).mediaType(["application/json", page]) === page;
}

export type AnswerForm = "file" | "page" | "json";

/** The media type of each form. A client that accepts any type gets the first form, the file. */
const forms = new Map<string, AnswerForm>([
  ["application/octet-stream", "file"],
  ["text/html", "page"],
  ["application/json", "json"],
]);

/**
 * Chooses the form of a permanent link's answer. Browsers get a page, and clients whose `Accept` asks for JSON get
 * JSON. All other clients get the file.
 */
export function chooseAnswerForm(accept: string | undefined): AnswerForm {
  const type = new Negotiator({ headers: { accept } }).mediaType([...forms.keys()]);
  return forms.get(type ?? "") ?? "file";
}

export type ContentEncoding = "br" | "gzip" | "identity";

/** Chooses an encoding that the client accepts: Brotli if possible, otherwise gzip, otherwise no compression. */
export function chooseEncoding(acceptEncoding: string | undefined): ContentEncoding {
  const negotiator = new Negotiator({ headers: { "accept-encoding": acceptEncoding } });
  const taken = negotiator.encodings(["br", "gzip"]);
  if (taken.includes("br")) return "br";
  return taken.includes("gzip") ? "gzip" : "identity";
}

/** Headers of every answer. They keep the answer out of other sites, frames and caches. */
export const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * True when the header `If-None-Match` contains the tag or is `*`. Uses the weak comparison of RFC 9110, which
 * ignores the prefix `W/`.
 */
export function matchesEtag(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((text) => text.trim().replace(/^W\//, ""));
  return tags.some((one) => one === tag || one === "*");
}

/**
 * Matches one label of a host name (RFC 1123), the text between two dots. Also allows underscores, which occur in
 * names of private networks.
 */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const maxNameLength = 253;
const authority = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/;
const maxPort = 65_535;

/**
 * Returns the origin `scheme://host`. Throws when `host` is not the name or the address of a host, with or without a
 * port.
 */
export function requireOrigin(scheme: "http" | "https", host: string): string {
  const { name = "", port = "80" } = authority.exec(host.toLowerCase())?.groups ?? {};
  const origin = URL.parse(`${scheme}://${host}`)?.origin;
  if (origin !== undefined && isName(name) && isPort(Number(port))) return origin;
  const detail = "must be the name or the address of a host, with a port from 1 to 65535 or none";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Host.", {
    errors: [{ parameter: "Host", detail }],
  });
}

/** True for a valid host name. Also true for an IP address, which the caller has already checked with `URL.parse`. */
function isName(name: string): boolean {
  if (name.startsWith("[")) return true;
  const bare = name.replace(/\.$/, "");
  return bare.length <= maxNameLength && bare.split(".").every((part) => label.test(part)) && isPlain(bare);
}

/**
 * False for an IPv4 address in an unusual notation, such as `127.1` or `0x7f.1`, because a person cannot see where
 * such an address leads.
 */
function isPlain(name: string): boolean {
  return URL.parse(`http://${name}`)?.hostname === name;
}

const isPort = (port: number) => port >= 1 && port <= maxPort;
