import type { Crawl } from "../core/crawl.ts";
import { type ExportState, keepAlive, noteProgress } from "../core/export.ts";
import { exportKey, manifestKey, partKey } from "../core/key.ts";
import { waitForWindow } from "../core/limit.ts";
import { describeSnapshot } from "../core/snapshot.ts";
import { requestsDue } from "../core/far.ts";
import { attemptWindow } from "./attempt.ts";
import { openReader } from "./reader.ts";
import { writePart } from "./snapshot.ts";
import type { World } from "./world.ts";

export type Collected = { crawl: Crawl; waitSeconds: number };

/**
 * Reads one window of pages into the snapshot's next part, and writes the manifest after the last one. Run
 * again with the same crawl it writes the same keys.
 */
export async function collectWindow(world: World, state: ExportState, begun: Crawl): Promise<Collected> {
  const { portal, clock, bucket } = world;
  const { evidence } = state.options;
  const reader = openReader(portal, clock, { limit: begun.limit, evidence });
  const started = { ...begun, startedMs: begun.startedMs ?? clock.now() };
  const { crawl, pages } = await attemptWindow(started, reader);
  if (pages.length > 0) await writePart(bucket, partKey(state.id, crawl.parts), pages);
  const nowMs = clock.now();
  const snapshot = describeSnapshot(state.id, crawl, { finishedMs: nowMs, evidence });
  if (crawl.done) await bucket.writeJson(manifestKey(state.id), snapshot);
  const waitMs = crawl.done ? 0 : waitForWindow(crawl.limit, nowMs, requestsDue(crawl));
  const progress = noteProgress(state, crawl, waitMs > 0 ? nowMs + waitMs : null);
  await bucket.writeJson(exportKey(state.id), keepAlive(progress, nowMs));
  return { crawl, waitSeconds: Math.ceil(waitMs / 1000) };
}
