import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Bucket } from "./bucket.ts";

const deflate = promisify(gzip);
const inflate = promisify(gunzip);

/** A line for each value, compressed. Gives the SHA-256 of what is stored. */
export async function writeNdjson(bucket: Bucket, key: string, values: unknown[]): Promise<string> {
  const lines = values.map((value) => `${JSON.stringify(value)}\n`);
  const body = await deflate(lines.join(""), { level: 1 });
  await bucket.writeBytes(key, body, { contentType: "application/gzip" });
  return hashBytes(body);
}

/** As they were written; null when there is no such object. Throws when its bytes have another SHA-256 than that. */
export async function readNdjson(
  bucket: Bucket,
  key: string,
  sha256: string | null = null,
): Promise<unknown[] | null> {
  const body = await bucket.readBytes(key);
  if (body === null) return null;
  if (sha256 !== null && hashBytes(body) !== sha256) throw new AlteredError();
  const lines = (await inflate(body)).toString("utf8").split("\n").slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}

/** Somebody has written other bytes under the key of an object that is never written twice. */
export class AlteredError extends Error {
  override name = "AlteredError";

  constructor() {
    super("An object of the bucket has other bytes than were written.");
  }
}

function hashBytes(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
