import { request as open, type IncomingMessage, type RequestOptions } from "node:http";
import { buffer } from "node:stream/consumers";

export type Response = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

/** node:http rather than fetch, which adds headers, decompresses, and mends what is to go out as written. */
export async function request(
  url: URL,
  { body, ...options }: RequestOptions & { body?: string | Buffer } = {},
) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    open(url, { agent: false, ...options }, resolve)
      .on("error", reject)
      .end(body);
  });
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, body: await buffer(response) } satisfies Response;
}
