import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { AlteredError, runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { partKey, unfinishedKey } from "../../core/basics/bucket-keys.ts";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { findLease } from "../../core/snapshot/crawl-registry.ts";
import { findNewestSnapshot, locateParts, type StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import { continueCrawl, mayResume, Unfinished } from "../../core/snapshot/unfinished-crawl.ts";
import type { AppContext } from "../context.ts";
import { readUnfinished } from "../export/export-store.ts";
import { readRegistry } from "../snapshot/snapshot-store.ts";
import { keepHeartbeat } from "./crawl-progress.ts";

/**
 * For a resumed crawl, `awaySince` is the time of the first failure since an export has read a window of the crawl. It
 * is null for a new crawl, and as soon as this export has read a window.
 */
type FailedCrawl = { id: string; crawl: CrawlState; stored: StoredPart[]; awaySince: string | null };

/**
 * Stores a crawl that failed because of the portal, so that the next export of the same portal can resume it. Stores
 * nothing when the failed export is cancelled or has lost its lease.
 */
export async function keepUnfinished(app: AppContext, failed: FailedCrawl): Promise<void> {
  const { id, crawl, stored, awaySince } = failed;
  const lease = findLease(await readRegistry(app), id);
  if (lease === null || (await readUnfinished(app, id)) === null) return;
  const failedAt = awaySince ?? dateNow(app.clock).toISOString();
  const unfinished: Unfinished = { crawl, stored, evidence: lease.evidence, failedAt };
  await app.bucket.writeJson(unfinishedKey(id), unfinished);
  if ((await readUnfinished(app, id)) === null) await app.bucket.remove(unfinishedKey(id));
}

type Task = {
  id: string;
  /** The id of the export whose crawl failed. */
  resumeId: string;
  /** The number of windows that the export has begun before this crawl; 0 when no refresh came before it. */
  window: number;
  /**
   * The state of a new crawl, which has read nothing. A resumed crawl takes its rate limit and its counts of requests
   * from this state.
   */
  begun: CrawlState;
};

export type Resumed = { begun: CrawlState; stored: StoredPart[]; awaySince: string };

/**
 * Continues the crawl of an export that failed because of the portal: copies the parts of the failed crawl into this
 * export's snapshot. Returns null when the failed crawl may not be resumed, or when one of its parts is missing or
 * altered.
 */
export async function resumeUnfinished(app: AppContext, task: Task): Promise<Resumed | null> {
  return await runStepAttempt(app, (attempt) =>
    keepHeartbeat(app, task.id, () => resume(app, task, attempt)),
  );
}

async function resume(app: AppContext, task: Task, attempt: StepAttempt): Promise<Resumed | null> {
  const unfinished = await findUnfinished(app, task);
  if (unfinished === null) return null;
  const stored = await copyParts(attempt, task, unfinished);
  if (stored === null || !(await isCurrentAttempt(app, task))) return null;
  const begun = continueCrawl(unfinished.crawl, task.begun);
  return { begun, stored, awaySince: unfinished.failedAt };
}

async function findUnfinished(app: AppContext, { id, resumeId }: Task): Promise<Unfinished | null> {
  const registry = await readRegistry(app);
  const lease = findLease(registry, id);
  if (lease === null || resumeId === id) return null;
  const readable = Unfinished.nullable().catch(null);
  const unfinished = await app.bucket.readJson(unfinishedKey(resumeId), readable);
  const { evidence } = lease;
  const newestAt = findNewestSnapshot(registry.snapshots)?.finishedAt ?? null;
  const now = dateNow(app.clock);
  return unfinished !== null && mayResume(unfinished, { evidence, now, newestAt }) ? unfinished : null;
}

/**
 * Returns false when this attempt of the step comes too late: the crawl has already begun its first window, or the
 * export has lost its lease.
 */
async function isCurrentAttempt(app: AppContext, { id, window }: Task): Promise<boolean> {
  const lease = findLease(await readRegistry(app), id);
  return lease !== null && lease.window <= window;
}

const maxAtOnce = 10;

/**
 * Copies the parts of the failed crawl, except void parts, and gives the copies keys of this attempt. Returns null when
 * a part is missing or altered.
 */
async function copyParts(
  attempt: StepAttempt,
  { id, resumeId }: Task,
  { crawl, stored }: Unfinished,
): Promise<StoredPart[] | null> {
  const { parts, voidParts } = crawl;
  const locations = locateParts({ id: resumeId, parts, voidParts, stored });
  const atOnce = pLimit(maxAtOnce);
  const copies = await Promise.all(
    locations.map(({ key, sha256, number }) =>
      atOnce(() => copyPart(attempt, { from: key, sha256, resumeId, id, number })),
    ),
  );
  const copied = copies.filter((copy) => copy !== null);
  return copied.length === copies.length ? copied : null;
}

type Copy = { from: string; sha256: string | null; resumeId: string; id: string; number: number };

async function copyPart(
  attempt: StepAttempt,
  { from, sha256: expected, resumeId, id, number }: Copy,
): Promise<StoredPart | null> {
  const body = await attempt.bucket.readBytes(from);
  if (body === null) return null;
  const sha256 = createHash("sha256").update(body).digest("hex");
  if (expected !== null && sha256 !== expected) {
    await logFault(new AlteredError(), { snapshotId: resumeId });
    return null;
  }
  const key = attempt.newKey((attemptId) => partKey(id, number, attemptId));
  await attempt.bucket.writeBytes(key, body, { contentType: "application/gzip" });
  return { number, attempt: attempt.id, sha256 };
}
