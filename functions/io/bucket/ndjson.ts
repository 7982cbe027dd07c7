import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Bucket } from "./bucket.ts";

const deflate = promisify(gzip);
const inflate = promisify(gunzip);

/** A line for each value, compressed. */
export async function writeNdjson(bucket: Bucket, key: string, values: unknown[]): Promise<void> {
  const lines = values.map((value) => `${JSON.stringify(value)}\n`);
  const body = await deflate(lines.join(""), { level: 1 });
  await bucket.writeBytes(key, body, { contentType: "application/gzip" });
}

/** As they were written; null when there is no such object. */
export async function readNdjson(bucket: Bucket, key: string): Promise<unknown[] | null> {
  const body = await bucket.readBytes(key);
  if (body === null) return null;
  const lines = (await inflate(body)).toString("utf8").split("\n").slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}
