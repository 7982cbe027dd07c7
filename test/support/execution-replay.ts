import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Bucket } from "../../functions/adapters/bucket/bucket.ts";
import type { Event } from "../../local/durable/execution.ts";
import {
  type CheckpointRequest,
  type DurableClient,
  type DurableHandler,
  makeInput,
} from "../../local/durable/operations.ts";
import { makeTemporaryDirectory } from "./durable-runner.ts";

const Given = z.object({ durableExecutionClient: z.custom<DurableClient>() });

/** Wraps the handler so that it waits for `onSaved` after each checkpoint. */
export function observeCheckpoints(
  handler: DurableHandler,
  onSaved: (request: CheckpointRequest) => Promise<void>,
): DurableHandler {
  return async (input, context) => {
    const { durableExecutionClient: client } = Given.parse(input);
    const checkpoint = async (request: CheckpointRequest) => {
      const answer = await client.checkpoint(request);
      await onSaved(request);
      return answer;
    };
    return await handler(makeInput(input, { ...client, checkpoint }), context);
  };
}

/** Lists the execution's operations in the order in which they began. */
export function listOperations(events: Event[]) {
  const updates = events.flatMap((event) => (event.kind === "checkpoint" ? event.updates : []));
  const operations = new Map(updates.map(({ Id, Name, Type, SubType }) => [Id, { Id, Name, Type, SubType }]));
  return [...operations.values()];
}

/** Writes an execution's log into a new directory. */
export async function writeExecutionLog(name: string, events: Event[]): Promise<string> {
  const directory = await makeTemporaryDirectory();
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  await writeFile(join(directory, `${name}.ndjson`), lines.join(""));
  return directory;
}

export type BucketObjects = Map<string, Uint8Array>;

export async function readBucketObjects(bucket: Bucket): Promise<BucketObjects> {
  const objects: BucketObjects = new Map();
  for (const key of await bucket.listKeys("")) {
    const bytes = await bucket.readBytes(key);
    if (bytes !== null) objects.set(key, bytes);
  }
  return objects;
}

/** Reads the report files by export and file name. The attempt in the files' keys is left out. */
export async function readReportFiles(bucket: Bucket): Promise<[string, Uint8Array][]> {
  return [...(await readBucketObjects(bucket))]
    .filter(([key]) => key.startsWith("files/"))
    .map(([key, bytes]) => [key.replace(/^(files\/[^/]+)\/.*\//, "$1/"), bytes]);
}

/** Replaces all objects in the bucket by these objects. */
export async function restoreBucket(bucket: Bucket, objects: BucketObjects): Promise<void> {
  await bucket.removeAll("");
  for (const [key, bytes] of objects) await bucket.writeBytes(key, bytes, { contentType: "" });
}
