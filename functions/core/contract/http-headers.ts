import Negotiator from "negotiator";
import { ExportError } from "../basics/errors.ts";
import type { Progress } from "../basics/stored-values.ts";

/** The longest that a caller is kept waiting: proxies and spreadsheets give up after 30 seconds. */
export const maxWaitSeconds = 25;

/**
 * How long a caller would wait for a finished export, in seconds: RFC 7240's `wait=N`, or `respond-async` for
 * not at all. What cannot be understood is no preference; of two equal ones the first counts.
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

/** When to ask again: nothing changes as long as the rate limit's window is used up. */
export function findRetryAfterSeconds({ waitingUntil }: Progress, now: Date): number {
  const leftMs = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now.getTime();
  return Math.min(maxRetrySeconds, Math.max(minRetrySeconds, Math.ceil(leftMs / 1000)));
}

/** The header's text, or null without one. Throws for what cannot be a key. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(header)) return header;
  const detail = "must be 1 to 255 printable ASCII characters";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Idempotency-Key.", {
    errors: [{ parameter: "Idempotency-Key", detail }],
  });
}

const page = "text/html;charset=utf-8";

/** Whether a client would rather have a page than JSON; one that takes anything is a program. */
export function prefersPage(accept: string | undefined): boolean {
  return new Negotiator({ headers: { accept } }).mediaType(["application/json", page]) === page;
}

export type AnswerForm = "file" | "page" | "json";

/** The first is for who takes anything. */
const forms = new Map<string, AnswerForm>([
  ["application/octet-stream", "file"],
  ["text/html", "page"],
  ["application/json", "json"],
]);

/** What a permanent link gives: a page to a browser, JSON to who asks for it, the file to all others. */
export function chooseAnswerForm(accept: string | undefined): AnswerForm {
  const type = new Negotiator({ headers: { accept } }).mediaType([...forms.keys()]);
  return forms.get(type ?? "") ?? "file";
}

export type ContentEncoding = "br" | "gzip" | "identity";

/** The smallest that the client takes. */
export function chooseEncoding(acceptEncoding: string | undefined): ContentEncoding {
  const negotiator = new Negotiator({ headers: { "accept-encoding": acceptEncoding } });
  const taken = negotiator.encodings(["br", "gzip"]);
  if (taken.includes("br")) return "br";
  return taken.includes("gzip") ? "gzip" : "identity";
}

/** What every answer carries; none of them is for another site, a frame or a cache. */
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

/** The page runs its own script and asks its own API, and nothing else. */
export const pagePolicy = [
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

/** Whether the client has what bears the tag: `If-None-Match` as RFC 9110 compares it. */
export function matchesEtag(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((text) => text.trim().replace(/^W\//, ""));
  return tags.some((one) => one === tag || one === "*");
}

/** Of letters, digits and, inside, hyphens (RFC 1123), or underscores, as names within a network have them. */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const maxNameLength = 253;
const authority = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/;
const maxPort = 65_535;

/** The scheme and the host as a URL has them. Throws for a host that is none. */
export function requireOrigin(scheme: "http" | "https", host: string): string {
  const { name = "", port = "80" } = authority.exec(host.toLowerCase())?.groups ?? {};
  const origin = URL.parse(`${scheme}://${host}`)?.origin;
  if (origin !== undefined && isName(name) && isPort(Number(port))) return origin;
  const detail = "must be the name or the address of a host, with a port from 1 to 65535 or none";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Host.", {
    errors: [{ parameter: "Host", detail }],
  });
}

/** The URL's own parser has checked what stands in brackets, and names of digits. */
function isName(name: string): boolean {
  if (name.startsWith("[")) return true;
  const bare = name.replace(/\.$/, "");
  return bare.length <= maxNameLength && bare.split(".").every((part) => label.test(part)) && isPlain(bare);
}

/** An address in another spelling, such as `127.1` or `0x7f.1`, leads elsewhere than it says. */
function isPlain(name: string): boolean {
  return URL.parse(`http://${name}`)?.hostname === name;
}

const isPort = (port: number) => port >= 1 && port <= maxPort;
