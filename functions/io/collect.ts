import { advanceCrawl, type Crawl } from "../core/crawl.ts";
import { type ExportState, noteProgress } from "../core/export.ts";
import { readPermit } from "../core/limit.ts";
import { describeSnapshot, exportKey, manifestKey, partKey } from "../core/snapshot.ts";
import { writePart } from "./snapshot.ts";
import { readWindow } from "./window.ts";
import type { World } from "./world.ts";

export type Collected = { crawl: Crawl; waitSeconds: number };

/**
 * Reads one window of pages into the snapshot's next part, and the manifest after the last one. Run again
 * with the same crawl it writes the same keys.
 */
export async function collectWindow(world: World, state: ExportState, begun: Crawl): Promise<Collected> {
  const { portal, clock, bucket } = world;
  const started: Crawl = { ...begun, startedMs: begun.startedMs ?? clock.now() };
  const window = await readWindow(portal, clock, { crawl: started, evidence: state.options.evidence });
  const crawl = advanceCrawl(started, window);
  if (window.pages.length > 0) await writePart(bucket, partKey(state.id, crawl.parts), window.pages);
  const nowMs = clock.now();
  const facts = { finishedMs: nowMs, evidence: state.options.evidence };
  if (crawl.done) await bucket.writeJson(manifestKey(state.id), describeSnapshot(state.id, crawl, facts));
  const waitMs = crawl.done ? 0 : (readPermit(crawl.limit, nowMs).waitMs ?? 0);
  const waitingUntilMs = waitMs > 0 ? nowMs + waitMs : null;
  await bucket.writeJson(exportKey(state.id), noteProgress(state, crawl, waitingUntilMs));
  return { crawl, waitSeconds: Math.ceil(waitMs / 1000) };
}
