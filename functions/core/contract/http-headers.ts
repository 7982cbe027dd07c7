import Negotiator from "negotiator";
import { ExportError } from "../basics/errors.ts";
import type { Progress } from "../basics/stored-values.ts";

/** The longest time that a request waits for its export. Proxies and spreadsheets give up after 30 seconds. */
export const maxWaitSeconds = 25;

/**
 * The seconds that a caller is ready to wait for a finished export: RFC 7240's `wait=N`, or 0 for `respond-async`.
 * Ignores unreadable preferences. When the header has several readable ones, the first one counts.
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

/** The seconds until the caller should ask again. While the rate limit is used up, nothing changes before it resets. */
export function findRetryAfterSeconds({ waitingUntil }: Progress, now: Date): number {
  const leftMs = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now.getTime();
  return Math.min(maxRetrySeconds, Math.max(minRetrySeconds, Math.ceil(leftMs / 1000)));
}

/** The header's text; null when the header is missing. Throws unless it is 1 to 255 printable ASCII characters. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(header)) return header;
  const detail = "must be 1 to 255 printable ASCII characters";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Idempotency-Key.", {
    errors: [{ parameter: "Idempotency-Key", detail }],
  });
}

const page = "text/html;charset=utf-8";

/** True when a client prefers HTML to JSON. A client that accepts anything counts as a program. */
export function prefersPage(accept: string | undefined): boolean {
  return new Negotiator({ headers: { accept } }).mediaType(["application/json", page]) === page;
}

export type AnswerForm = "file" | "page" | "json";

/** The first form is for clients that accept anything. */
const forms = new Map<string, AnswerForm>([
  ["application/octet-stream", "file"],
  ["text/html", "page"],
  ["application/json", "json"],
]);

/** The form of a permanent link's answer: a page for browsers, JSON on request, otherwise the file. */
export function chooseAnswerForm(accept: string | undefined): AnswerForm {
  const type = new Negotiator({ headers: { accept } }).mediaType([...forms.keys()]);
  return forms.get(type ?? "") ?? "file";
}

export type ContentEncoding = "br" | "gzip" | "identity";

/** The accepted encoding that compresses best: Brotli, then gzip, otherwise none. */
export function chooseEncoding(acceptEncoding: string | undefined): ContentEncoding {
  const negotiator = new Negotiator({ headers: { "accept-encoding": acceptEncoding } });
  const taken = negotiator.encodings(["br", "gzip"]);
  if (taken.includes("br")) return "br";
  return taken.includes("gzip") ? "gzip" : "identity";
}

/** Headers of every answer. They keep it out of other sites, frames and caches. */
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

/** True when `If-None-Match` holds the tag, by the weak comparison of RFC 9110. */
export function matchesEtag(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((text) => text.trim().replace(/^W\//, ""));
  return tags.some((one) => one === tag || one === "*");
}

/** A part of a host name (RFC 1123). Also allows underscores, which names in private networks have. */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const maxNameLength = 253;
const authority = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/;
const maxPort = 65_535;

/** The URL's origin, `scheme://host`. Throws for an invalid host. */
export function requireOrigin(scheme: "http" | "https", host: string): string {
  const { name = "", port = "80" } = authority.exec(host.toLowerCase())?.groups ?? {};
  const origin = URL.parse(`${scheme}://${host}`)?.origin;
  if (origin !== undefined && isName(name) && isPort(Number(port))) return origin;
  const detail = "must be the name or the address of a host, with a port from 1 to 65535 or none";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Host.", {
    errors: [{ parameter: "Host", detail }],
  });
}

/** `URL.parse` has already checked IPv6 addresses in brackets, and IPv4 addresses. */
function isName(name: string): boolean {
  if (name.startsWith("[")) return true;
  const bare = name.replace(/\.$/, "");
  return bare.length <= maxNameLength && bare.split(".").every((part) => label.test(part)) && isPlain(bare);
}

/** False for an IPv4 address in another notation, such as `127.1` or `0x7f.1`: readers do not see where it leads. */
function isPlain(name: string): boolean {
  return URL.parse(`http://${name}`)?.hostname === name;
}

const isPort = (port: number) => port >= 1 && port <= maxPort;
