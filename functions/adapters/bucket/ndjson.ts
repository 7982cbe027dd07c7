import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import pLimit from "p-limit";
import type { StoredObject } from "../../core/snapshot/snapshot-manifest.ts";
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

const maxAtOnce = 10;

/**
 * One attempt of a step. A step may be tried again while an attempt of it still runs: each writes under keys of its
 * own, and the step's result names those that count.
 */
export type StepAttempt = ReturnType<typeof openStepAttempt>;

export function openStepAttempt(bucket: Bucket) {
  const id = randomBytes(6).toString("hex");
  const keys: string[] = [];

  /** The key for something that the attempt writes, and removes again where it does not count. */
  function own(nameKey: (attempt: string) => string): string {
    const key = nameKey(id);
    keys.push(key);
    return key;
  }

  async function write(nameKey: (attempt: string) => string, values: unknown[]): Promise<StoredObject> {
    return { attempt: id, sha256: await writeNdjson(bucket, own(nameKey), values) };
  }

  /** Removes what the attempt has written: nothing names it, and nothing will. */
  async function discard(): Promise<void> {
    const atOnce = pLimit(maxAtOnce);
    await Promise.all(keys.splice(0).map((key) => atOnce(bucket.remove, key)));
  }

  return { id, bucket, own, write, discard };
}

/** Does the work as one attempt of its step. One that gives null or throws has no result that could count. */
export async function runStepAttempt<T>(
  bucket: Bucket,
  work: (attempt: StepAttempt) => Promise<T>,
): Promise<T> {
  const attempt = openStepAttempt(bucket);
  try {
    const result = await work(attempt);
    if (result === null) await attempt.discard();
    return result;
  } catch (error) {
    await attempt.discard().catch(() => undefined);
    throw error;
  }
}
