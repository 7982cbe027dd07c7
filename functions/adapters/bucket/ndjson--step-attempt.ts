import { randomBytes } from "node:crypto";
import pLimit from "p-limit";
import type { StoredObject } from "../../core/snapshot/snapshot-manifest--stored.ts";
import type { Bucket } from "./bucket.ts";
import { writeNdjson } from "./ndjson.ts";

const mostAtOnce = 10;

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
    const atOnce = pLimit(mostAtOnce);
    await Promise.all(keys.splice(0).map((key) => atOnce(bucket.remove, key)));
  }

  return { id, bucket, own, write, discard };
}

/** Does the work as one attempt of its step. One that gives null or throws has no result that could count. */
export async function runStepAttempt<T>(bucket: Bucket, work: (attempt: StepAttempt) => Promise<T>): Promise<T> {
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
