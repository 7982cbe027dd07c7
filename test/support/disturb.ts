import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bucket } from "../../functions/adapters/bucket/bucket.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { type Moment, runMortal } from "./mortal.ts";
import type { Place } from "./place.ts";
import { queueExport } from "./run-steps.ts";

/**
 * Runs an export whose processes are killed at these moments, one after the other, until it has ended. `seen`
 * are the files that stood in the bucket at any moment, each once.
 */
export async function disturbExport(place: Place, query: string, moments: Moment[] = []) {
  const { app, portal } = place;
  const { id } = await queueExport(app, query);
  const watch = watchFiles(app.bucket);
  let kills = 0;
  while (!(await runMortal(place, id, moments[kills]))) kills += 1;
  const seen = await watch.end();
  const state = await readExport(app, id);
  const keys = await app.bucket.listKeys("files/");
  const file = Buffer.from((await app.bucket.readBytes(keys[0] ?? "")) ?? []);
  return { id, status: state?.status, kills, requests: portal.requests.length, keys, file, seen };
}

function watchFiles(bucket: Bucket) {
  const seen = new Map<string, Buffer>();
  const over = new AbortController();
  const look = async () => {
    for (const key of await bucket.listKeys("files/")) {
      const bytes = await bucket.readBytes(key);
      // Since it was listed it may have been removed, as one that a killed attempt has left.
      if (bytes !== null) seen.set(createHash("sha256").update(bytes).digest("hex"), Buffer.from(bytes));
    }
  };
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(10)) await look();
    await look();
  })();
  const end = async () => {
    over.abort();
    await watching;
    return [...seen.values()];
  };
  return { end };
}
