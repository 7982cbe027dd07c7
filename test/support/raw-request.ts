import { request as open, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { findWorld } from "./virtual-world.ts";

export type RawRequest = {
  method?: string;
  /** The path to send, without normalisation. The default is the URL's path. */
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

export type RawResponse = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

/** Sends a request with node:http, because fetch would add headers, decompress the body and normalise the path. */
export async function sendRawRequest(url: string, given: RawRequest = {}): Promise<RawResponse> {
  const { origin, pathname, search } = new URL(url);
  const virtual = findWorld()?.network.sendRaw(origin, { path: `${pathname}${search}`, ...given });
  if (virtual != null) return await virtual;
  const { body = "", headers = {}, ...options } = given;
  const length = { "content-length": String(Buffer.byteLength(body)) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    open(url, { agent: false, headers: { ...headers, ...(body.length > 0 && length) }, ...options }, resolve)
      .on("error", reject)
      .end(body);
  });
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}
