import { addDoubt, type Crawl } from "../../core/crawl/crawl.ts";
import { ExportError } from "../../core/error.ts";
import { manifestKey } from "../../core/key.ts";
import { findNewest } from "../../core/snapshot/reference.ts";
import { Manifest } from "../../core/snapshot/snapshot.ts";
import type { StoredPart } from "../../core/snapshot/stored.ts";
import type { Bucket } from "../bucket/bucket.ts";
import { describeCrawl, tellProgress } from "./progress.ts";
import { readRegister } from "./register.ts";
import { readIds } from "./snapshot.ts";
import type { World } from "../world.ts";

/** More requests than that are not spent on what should be gone. */
const mostSettled = 40;

/** Parts that touch, though one between them may hold nothing but what mends the first. */
const mostApart = 2;

export type Verified = { crawl: Crawl; missing: string[] };

/**
 * What no window sees by itself: an offer that stands in two windows which do not touch, and offers of the
 * last snapshot that are missing now: deleted meanwhile, or overlooked. None where they are too many to ask for.
 */
export async function verifyCrawl(
  world: World,
  { id, crawl, stored = [] }: { id: string; crawl: Crawl; stored?: StoredPart[] },
): Promise<Verified> {
  const { bucket } = world;
  await tellProgress(world, id, describeCrawl(crawl, 0, world.clock));
  const windowOf = new Map<string, number>();
  let window = 0;
  let isDoubled = false;
  for await (const ids of readIds(bucket, { id, ...crawl, stored })) {
    window += 1;
    for (const offerId of ids) {
      isDoubled ||= window - (windowOf.get(offerId) ?? window) > mostApart;
      windowOf.set(offerId, window);
    }
  }
  const missing = await listMissing(bucket, await findLast(world, id), windowOf);
  return { crawl: isDoubled ? addDoubt(crawl, "doubled") : crawl, missing };
}

async function findLast(world: World, id: string): Promise<Manifest | null> {
  const newest = findNewest((await readRegister(world)).snapshots);
  if (newest === null || newest.snapshotId === id) return null;
  return await world.bucket.readJson(manifestKey(newest.snapshotId), Manifest);
}

/** A last snapshot that is being removed meanwhile tells nothing. */
async function listMissing(
  bucket: Bucket,
  last: Manifest | null,
  known: ReadonlyMap<string, unknown>,
): Promise<string[]> {
  const missing = new Set<string>();
  if (last === null) return [];
  try {
    for await (const ids of readIds(bucket, last)) {
      for (const id of ids) if (!known.has(id)) missing.add(id);
      if (missing.size > mostSettled) return [];
    }
  } catch (error) {
    if (error instanceof ExportError && error.kind === "gone") return [];
    throw error;
  }
  return [...missing];
}
