import { addAnomaly, type CrawlState, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { createDuplicateCheck } from "../../core/crawl/consistency-check--doubles.ts";
import { spreadSample } from "../../core/crawl/consistency-check--sample.ts";
import { isLookupId } from "../../core/customer/customer.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { manifestKey } from "../../core/basics/bucket-keys.ts";
import { findNewestSnapshot } from "../../core/snapshot/snapshot-manifest--reference.ts";
import { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import { listCounted, type StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { describeCrawlProgress, saveProgress } from "./crawl-progress.ts";
import { readRegistry } from "../snapshot/snapshot-store--register.ts";
import { readOfferIds } from "../snapshot/snapshot-store.ts";
import type { AppContext } from "../context.ts";

/** More requests than that are not spent on what should be gone. */
const maxAsked = 40;

/** `isSample` when more are missing than are asked for. */
export type VerifiedCrawl = { crawl: CrawlState; missing: string[]; isSample?: boolean };

/**
 * What no window sees by itself: an offer that stands in two parts though nothing explains it, and offers that are
 * missing now: deleted meanwhile, or overlooked. They were in the last snapshot, or on the highest page that the
 * crawl has seen. Of more than can be asked for those that are asked for are spread over all.
 */
export async function verifyCrawl(
  world: AppContext,
  { id, crawl: given, stored = [] }: { id: string; crawl: CrawlState; stored?: StoredPart[] },
): Promise<VerifiedCrawl> {
  const { bucket } = world;
  const crawl = resumeCrawl(given);
  await saveProgress(world, id, describeCrawlProgress(crawl, 0, world.clock));
  const check = createDuplicateCheck(crawl);
  const numbers = listCounted(crawl);
  for await (const ids of readOfferIds(bucket, { id, ...crawl, stored })) check.addPart(numbers.shift() ?? 0, ids);
  const missing = await listMissing(bucket, { last: await findLast(world, id), crawl, has: check.has });
  const isDoubled = check.isDoubled() && crawl.doubts.length === 0;
  return {
    crawl: isDoubled ? addAnomaly(crawl, "doubled") : crawl,
    missing: spreadSample(missing, maxAsked),
    ...(missing.length > maxAsked && { isSample: true }),
  };
}

async function findLast(world: AppContext, id: string): Promise<SnapshotManifest | null> {
  const newest = findNewestSnapshot((await readRegistry(world)).snapshots);
  if (newest === null || newest.snapshotId === id) return null;
  return await world.bucket.readJson(manifestKey(newest.snapshotId), SnapshotManifest);
}

type Search = { last: SnapshotManifest | null; crawl: CrawlState; has: (id: string) => boolean };

/** In the last snapshot's order. One that is being removed meanwhile tells nothing. */
async function listMissing(bucket: Bucket, { last, crawl, has }: Search): Promise<string[]> {
  const missing = new Set((crawl.highest?.ids ?? []).filter((id) => !has(id) && isLookupId(id)));
  if (last === null) return [...missing];
  try {
    for await (const ids of readOfferIds(bucket, last)) for (const id of ids) if (!has(id)) missing.add(id);
  } catch (error) {
    if (!(error instanceof ExportError && error.kind === "gone")) throw error;
  }
  return [...missing];
}
