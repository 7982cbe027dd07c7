import { hash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import pLimit from "p-limit";
import type { StoredObject } from "../../core/snapshot/snapshot-manifest.ts";
import type { Random } from "../random/random.ts";
import type { Bucket } from "./bucket.ts";

const deflate = promisify(gzip);
const inflate = promisify(gunzip);

/** Writes one line of JSON per value, compressed. Returns the SHA-256 of the compressed bytes. */
export async function writeNdjson(bucket: Bucket, key: string, values: unknown[]): Promise<string> {
  const lines = values.map((value) => `${JSON.stringify(value)}\n`);
  const body = await deflate(lines.join(""), { level: 1 });
  await bucket.writeBytes(key, body, { contentType: "application/gzip" });
  return hashBytes(body);
}

/**
 * The decompressed lines of an object. `parse` yields their values in the order in which they were written, or in the
 * reversed order. It parses a line only when its value is taken, so that values need not be in memory together.
 */
export type StoredLines = { parse: (isReversed?: boolean) => Generator };

/**
 * Fetches an object that `writeNdjson` has written. Returns null when there is no object under the key. Throws an
 * AlteredError when `sha256` is given and the object's bytes have another hash.
 */
export async function openNdjson(
  bucket: Bucket,
  key: string,
  sha256: string | null = null,
): Promise<StoredLines | null> {
  const body = await bucket.readBytes(key);
  if (body === null) return null;
  if (sha256 !== null && hashBytes(body) !== sha256) throw new AlteredError();
  const bytes = await inflate(body, { chunkSize: sizeOutput(body) });
  return { parse: (isReversed = false) => parseLines(bytes, isReversed) };
}

const minOutputBytes = 1024;
const maxOutputBytes = 4 * 1024 * 1024;

/**
 * Returns the size of the buffer for the decompressed bytes, whose number a gzip file states in its last four bytes. With
 * room for all of them and one more, zlib takes one trip to its thread and copies nothing. Without, it takes several.
 */
function sizeOutput(body: Uint8Array): number {
  const statedBytes = Buffer.from(body.slice(-4)).readUInt32LE();
  return Math.min(Math.max(statedBytes, minOutputBytes) + 1, maxOutputBytes);
}

const lineFeed = 0x0a;

/** Decodes each line by itself. One text of all lines would be so large that only V8's slow collector could free it. */
function* parseLines(bytes: Buffer, isReversed: boolean): Generator {
  const ends: number[] = [];
  for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, end + 1)) ends.push(end);
  for (let taken = 0; taken < ends.length; taken += 1) {
    const line = isReversed ? ends.length - 1 - taken : taken;
    yield JSON.parse(bytes.toString("utf8", (ends[line - 1] ?? -1) + 1, ends[line]));
  }
}

/** Thrown when an object's bytes are not the bytes that were written, although each key is written only once. */
export class AlteredError extends Error {
  override name = "AlteredError";

  constructor() {
    super("An object of the bucket has other bytes than were written.");
  }
}

function hashBytes(body: Uint8Array): string {
  return hash("sha256", body);
}

const maxAtOnce = 10;

/**
 * One attempt of a workflow step. A step may be tried again while an earlier attempt still runs. So each attempt writes
 * under its own keys, and the step's result names the keys of the attempt that succeeded.
 */
export type StepAttempt = ReturnType<typeof openStepAttempt>;

function openStepAttempt({ bucket, random }: AttemptSource) {
  const id = random.bytes(6).toString("hex");
  const keys: string[] = [];

  /** Returns a key that belongs to this attempt. `discard` removes the object under this key. */
  function newKey(nameKey: (attempt: string) => string): string {
    const key = nameKey(id);
    keys.push(key);
    return key;
  }

  async function write(nameKey: (attempt: string) => string, values: unknown[]): Promise<StoredObject> {
    return { attempt: id, sha256: await writeNdjson(bucket, newKey(nameKey), values) };
  }

  /** Removes all objects that the attempt has written. */
  async function discard(): Promise<void> {
    const atOnce = pLimit(maxAtOnce);
    await Promise.all(keys.splice(0).map((key) => atOnce(bucket.remove, key)));
  }

  return { id, bucket, newKey, write, discard };
}

/** `random` makes the attempt's id. */
type AttemptSource = { bucket: Bucket; random: Random };

/** Runs `work` as one attempt of a workflow step. Discards the attempt's objects when `work` throws or returns null. */
export async function runStepAttempt<T>(
  source: AttemptSource,
  work: (attempt: StepAttempt) => Promise<T>,
): Promise<T> {
  const attempt = openStepAttempt(source);
  try {
    const result = await work(attempt);
    if (result === null) await attempt.discard();
    return result;
  } catch (error) {
    await attempt.discard().catch(() => undefined);
    throw error;
  }
}
