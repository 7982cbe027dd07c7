import { request as open, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import type { RawRequest, RawResponse } from "./virtual-network.ts";
import { findWorld } from "./virtual-world.ts";

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
