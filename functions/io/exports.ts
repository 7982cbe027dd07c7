import { createHash, randomBytes } from "node:crypto";
import { ExportError } from "../core/error.ts";
import { ageOf, ExportState, newState, seeState } from "../core/export.ts";
import { formatId, parseId } from "../core/id.ts";
import { exportKey, fileKey } from "../core/key.ts";
import type { ExportRequest } from "../core/request.ts";
import type { Options } from "../core/option.ts";
import type { Bucket } from "./bucket.ts";
import { logFault } from "./log.ts";
import type { World } from "./world.ts";

/** Null when there is no such export; a malformed id is one that does not exist. */
export async function readExport(bucket: Bucket, id: string): Promise<ExportState | null> {
  if (parseId(id) === null) return null;
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state && seeState(state, new Date());
}

export async function createExport(world: World, options: Options): Promise<ExportState> {
  const now = new Date();
  const id = formatId(
    { startedMs: now.getTime(), optionsKey: hashOptions(world, options) },
    randomBytes(6).toString("hex"),
  );
  const state = newState(id, options, now);
  await world.bucket.writeJson(exportKey(id), state);
  return state;
}

/** The newest export of the same options that still runs, or whose snapshot is young enough and whose file is there. */
export async function findExport(world: World, request: ExportRequest): Promise<ExportState | null> {
  const { bucket } = world;
  for (const id of await listCandidates(world, request)) {
    const state = await readIfReadable(bucket, id);
    if (state?.status === "running") return state;
    if (state?.status !== "succeeded") continue;
    return (await isReusable(bucket, state, request.maxAgeSeconds)) ? state : null;
  }
  return null;
}

/** A function may run for 15 minutes, and clocks differ. */
const longestRunMs = 16 * 60_000;

/** The ids of exports of the same options, newest first, as far back as one may run or be young enough. */
async function listCandidates(world: World, { options, maxAgeSeconds }: ExportRequest): Promise<string[]> {
  const optionsKey = hashOptions(world, options);
  const oldestMs = Date.now() - maxAgeSeconds * 1000 - longestRunMs;
  const keys = await world.bucket.listKeys("exports/");
  return keys
    .map((key) => key.slice("exports/".length, -".json".length))
    .filter((id) => {
      const parsed = parseId(id);
      return parsed !== null && parsed.optionsKey === optionsKey && parsed.startedMs >= oldestMs;
    });
}

/** What cannot be read stands in nobody's way. */
async function readIfReadable(bucket: Bucket, id: string): Promise<ExportState | null> {
  try {
    return await readExport(bucket, id);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    logFault(error, { exportId: id });
    return null;
  }
}

const pollMs = 500;

/** Waits until a running export is finished, whoever runs it. */
export async function followExport({ bucket, clock }: World, begun: ExportState): Promise<ExportState> {
  let state = begun;
  while (state.status === "running") {
    await clock.sleep(pollMs);
    const read = await readExport(bucket, begun.id);
    if (read === null)
      throw new ExportError("gone", "export_gone", "The export was removed while it ran. Start it again.");
    state = read;
  }
  return state;
}

async function isReusable(
  bucket: Bucket,
  { id, result }: ExportState,
  maxAgeSeconds: number,
): Promise<boolean> {
  if (result === null || ageOf(result, new Date()) >= maxAgeSeconds * 1000) return false;
  return await bucket.exists(fileKey(id, result.file.name));
}

/** Another portal, or another key to the same, gives other offers. */
function hashOptions({ config: { portal } }: World, options: Options): string {
  const offers = [portal.url, portal.key, options];
  return createHash("sha256").update(JSON.stringify(offers)).digest("hex").slice(0, 12);
}
