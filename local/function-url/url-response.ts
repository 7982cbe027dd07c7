import { type ServerResponse, validateHeaderName, validateHeaderValue } from "node:http";
import * as z from "zod";

const Result = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.coerce.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

const framingHeaders = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "content-length",
]);
const jsonType: [string, string] = ["content-type", "application/json"];

/**
 * Reads the result of a function as a function URL does:
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */
export function readResult(returned: unknown): Answer {
  const payload = JSON.stringify(returned) ?? "null";
  if (Buffer.byteLength(payload) > maxResultBytes) throw new RangeError("the result is over 6 MB");
  const value: unknown = JSON.parse(payload);
  if (!hasStatus(value)) return { status: 200, headers: [jsonType], cookies: [], body: Buffer.from(payload) };
  const { statusCode, headers, cookies, body, isBase64Encoded } = Result.parse(value);
  for (const cookie of cookies ?? []) validateHeaderValue("set-cookie", cookie);
  return {
    status: statusCode,
    headers: readHeaders(headers ?? {}),
    cookies: cookies ?? [],
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  };
}

function hasStatus(value: unknown): boolean {
  return typeof value === "object" && value !== null && "statusCode" in value;
}

function readHeaders(named: Record<string, string | number | boolean>): [string, string][] {
  const headers = Object.entries(named).map(([name, value]): [string, string] => {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    return [name.toLowerCase(), String(value)];
  });
  const isTyped = headers.some(([name]) => name === "content-type");
  return [...(isTyped ? [] : [jsonType]), ...headers.filter(([name]) => !framingHeaders.has(name))];
}

export type Answer = { status: number; headers: [string, string][]; cookies: string[]; body: Buffer };

/** Makes the function URL's answer when a request is too large or the function fails. */
export function refuse(status: 413 | 502): Answer {
  const text = status === 502 ? "Internal Server Error" : "Request Entity Too Large";
  return { status, headers: [["content-type", "text/plain"]], cookies: [], body: Buffer.from(text) };
}

export function sendAnswer(response: ServerResponse, { status, headers, cookies, body }: Answer): void {
  response.statusCode = status;
  for (const [name, text] of headers) response.setHeader(name, text);
  if (cookies.length > 0) response.appendHeader("set-cookie", cookies);
  if (status !== 204 && status !== 304) response.setHeader("content-length", body.length);
  response.end(body);
}

// Lambda's limits of 15 minutes and 6 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
export const maxInvocationMs = 15 * 60_000;
export const maxEventBytes = 6 * 1024 * 1024;
const maxResultBytes = maxEventBytes + 100;
