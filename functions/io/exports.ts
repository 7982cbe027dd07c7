import { createHash, randomBytes } from "node:crypto";
import { ExportError } from "../core/error.ts";
import { ageOf, ExportState, newState, seeState } from "../core/export.ts";
import { formatId, parseId } from "../core/id.ts";
import { exportKey, fileKey } from "../core/key.ts";
import type { ExportRequest, Options } from "../core/request.ts";
import type { Bucket } from "./bucket.ts";
import type { World } from "./world.ts";

/** Null when there is no such export; a malformed id is one that does not exist. */
export async function readExport(bucket: Bucket, id: string): Promise<ExportState | null> {
  if (parseId(id) === null) return null;
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state && seeState(state, new Date());
}

export async function createExport(bucket: Bucket, options: Options): Promise<ExportState> {
  const now = new Date();
  const id = formatId(
    { startedMs: now.getTime(), optionsKey: hashOptions(options) },
    randomBytes(6).toString("hex"),
  );
  const state = newState(id, options, now);
  await bucket.writeJson(exportKey(id), state);
  return state;
}

/** The newest export of the same options that still runs, or whose snapshot is young enough and whose file is there. */
export async function findExport(
  bucket: Bucket,
  { options, maxAgeSeconds }: ExportRequest,
): Promise<ExportState | null> {
  const optionsKey = hashOptions(options);
  const ids = (await bucket.listKeys("exports/")).map((key) => key.slice("exports/".length, -".json".length));
  for (const id of ids.filter((candidate) => parseId(candidate)?.optionsKey === optionsKey)) {
    const state = await readExport(bucket, id);
    if (state?.status === "running") return state;
    if (state?.status !== "succeeded") continue;
    return (await isReusable(bucket, state, maxAgeSeconds)) ? state : null;
  }
  return null;
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

function hashOptions(options: Options): string {
  return createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 12);
}
