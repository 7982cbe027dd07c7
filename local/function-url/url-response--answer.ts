import type { ServerResponse } from "node:http";

export type Answer = { status: number; headers: [string, string][]; cookies: string[]; body: Buffer };

/** What the function URL says by itself. */
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
