import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as z from "zod";
import type { Clock } from "../../functions/adapters/clock/clock.ts";
import { openPortal } from "../../functions/adapters/portal/portal-client.ts";
import type { StorageLocation } from "../../functions/adapters/settings/settings.ts";
import { openContext } from "../../functions/app/context.ts";
import type { Event } from "../../local/durable/execution.ts";
import type { Portal } from "../../local/portal/portal-server.ts";
import { portalKey } from "./test-portal.ts";
import { openExecutionMemory } from "./execution-memory.ts";
import { readTestConfig } from "./test-stack.ts";
import {
  openVirtualBucket,
  openVirtualPortal,
  serveVirtualStack,
  type VirtualStack,
} from "./virtual-stack.ts";
import { useWorld } from "./virtual-world.ts";

/** The folder with the recordings. The README in the folder describes them. */
const folder = join(import.meta.dirname, "../fixtures/earlier-version");

/** The portal's address at the time of the recordings. Keys in the bucket contain a hash of the address. */
const recordedUrl = "https://portal.test/v1";

const StoredObject = z.strictObject({
  key: z.string(),
  contentType: z.string(),
  contentDisposition: z.string().optional(),
  cacheControl: z.string().optional(),
  /** Exactly one of `json`, `text` and `base64` is set. */
  json: z.json().optional(),
  text: z.string().optional(),
  base64: z.base64().optional(),
});
type StoredObject = z.infer<typeof StoredObject>;

/** The objects of a bucket at the moment of the recording. `speed` is the speed of the recording's clock. */
const Recording = z.object({
  recordedAt: z.iso.datetime(),
  speed: z.number(),
  /** True when the portal's offers had changed before the recording. */
  isPortalChanged: z.boolean(),
  objects: z.array(StoredObject),
});

const Shown = z.looseObject({ id: z.string(), options: z.record(z.string(), z.unknown()) });

/**
 * A recorded bucket whose exports have ended. `shows` has the answers of `GET /exports/{id}`, without signed links.
 */
const FinishedRecording = Recording.extend({
  once: z.object({ key: z.string(), body: z.record(z.string(), z.unknown()) }),
  shareToken: z.string(),
  mailedToken: z.string(),
  shows: z.object({ xlsx: Shown, csv: Shown, scheduled: Shown, refreshed: Shown, failed: Shown }),
  list: z.array(z.string()),
  shares: z.json(),
});

/** A recorded bucket with a running export. `names` lists all operations until the export's end. */
const RunningRecording = Recording.extend({
  id: z.string(),
  names: z.array(z.string()),
  rowsSha256: z.string(),
  events: z.array(z.custom<Event>()),
});

const RecordedItem = z.looseObject({ id: z.string() });

const RecordedPortal = z.object({
  pageSize: z.number(),
  limit: z.number(),
  customers: z.array(RecordedItem),
  offers: z.array(RecordedItem),
  /** The changes of the portal's offers after the first complete snapshot. */
  changes: z.object({
    insert: z.array(RecordedItem),
    replace: z.array(RecordedItem),
    remove: z.array(z.string()),
  }),
});

async function readFixture<T>(name: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), "utf8")));
}

export const readFinished = () => readFixture("finished", FinishedRecording);

/** Reads the recording of an export that was stopped in its crawl, in its refresh or before it wrote its report. */
export const readRunning = (name: "crawling" | "refreshing" | "writing") =>
  readFixture(name, RunningRecording);

export type RecordedStack = VirtualStack & { portal: Portal };

type Recorded = z.infer<typeof Recording> & Partial<Pick<z.infer<typeof RunningRecording>, "id" | "events">>;

/**
 * Starts today's code on a recorded bucket, at the moment of the recording. If the recording has a running export,
 * the export goes on at once.
 */
export async function openRecording({ id, events, ...recording }: Recorded): Promise<RecordedStack> {
  const { recordedAt, speed, isPortalChanged, objects } = recording;
  const clock = speedUp(useWorld(Date.parse(recordedAt)).clock, speed);
  const { changes, ...list } = await readFixture("portal", RecordedPortal);
  const portal = await openVirtualPortal({ ...list, clock });
  if (isPortalChanged) changePortal(portal, changes);
  const location = await openVirtualBucket();
  await writeObjects(location, objects);
  const config = readTestConfig(location, { url: recordedUrl });
  const app = { ...openContext(config, { clock }), portal: openPortal({ url: portal.url, key: portalKey }) };
  const executions = openExecutionMemory(id && events ? { [id]: events } : {});
  return { ...serveVirtualStack(app, config, executions), portal };
}

/** Returns a clock as those of the recordings. It runs `speed` times as fast as the other clock, and both began in 1970. */
function speedUp(clock: Clock, speed: number): Clock {
  return {
    ...clock,
    now: () => clock.now() * speed,
    sleep: (ms) => clock.sleep(ms / speed),
    dateOf: (ms) => new Date(ms / speed),
  };
}

function changePortal({ offers }: Portal, changes: z.infer<typeof RecordedPortal>["changes"]): void {
  for (const offer of changes.insert) offers.insert(offer, offers.all().length);
  for (const offer of changes.replace) offers.replace(offer);
  for (const id of changes.remove) offers.remove(id);
}

/** Writes the recorded objects into the bucket, with their recorded headers. */
async function writeObjects(location: StorageLocation, objects: StoredObject[]): Promise<void> {
  const client = new S3Client({
    region: location.region,
    endpoint: location.endpoint ?? "",
    forcePathStyle: true,
    ...(location.credentials && { credentials: location.credentials }),
  });
  for (const object of objects) {
    const { key, contentType, contentDisposition, cacheControl } = object;
    await client.send(
      new PutObjectCommand({
        Bucket: location.name,
        Key: key,
        Body: readBody(object),
        ContentType: contentType,
        ContentDisposition: contentDisposition,
        CacheControl: cacheControl,
      }),
    );
  }
  client.destroy();
}

export function readBody({ json, text, base64 = "" }: StoredObject): Buffer {
  if (json !== undefined) return Buffer.from(JSON.stringify(json));
  return text === undefined ? Buffer.from(base64, "base64") : Buffer.from(text);
}
