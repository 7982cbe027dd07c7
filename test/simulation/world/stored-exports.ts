import { parseExportId } from "../../../functions/core/basics/bucket-keys.ts";
import type { S3Objects } from "../s3/s3-objects.ts";

/** An execution has ended this long after its start. */
export const executionMs = 31 * 3_600_000;

/** The status stands among the first fields of a stored export. */
const statusUnits = 100;

/** Lists the exports in the bucket, the newest first, without parsing them. */
function* listStored(objects: S3Objects): Generator<{ startedMs: number; status: string }> {
  for (const key of objects.listKeys("exports/")) {
    const body = objects.find(key)?.body ?? new Uint8Array();
    const start = Buffer.from(body.buffer, body.byteOffset, Math.min(statusUnits, body.length));
    const status = /"status":"([a-z]+)"/.exec(start.toString("latin1"))?.[1] ?? "";
    const id = key.slice("exports/".length, -".json".length);
    yield { startedMs: parseExportId(id)?.startedMs ?? -Infinity, status };
  }
}

/** True while an export has not ended, and may still have an execution. */
export function hasUnfinished(objects: S3Objects, nowMs: number): boolean {
  for (const { startedMs, status } of listStored(objects)) {
    if (nowMs - startedMs > executionMs) return false;
    if (status === "queued" || status === "running") return true;
  }
  return false;
}

/** True when so many exports of the tick have succeeded. The ids of these exports begin with the time of the tick. */
export function hasReports(objects: S3Objects, tickMs: number, count: number): boolean {
  let succeeded = 0;
  for (const { startedMs, status } of listStored(objects)) {
    if (startedMs < tickMs) break;
    if (startedMs === tickMs && status === "succeeded") succeeded += 1;
  }
  return succeeded >= count;
}
