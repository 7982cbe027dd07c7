import { ExportError } from "../../core/error.ts";
import { partKey } from "../../core/key.ts";
import { type RawOffer, readId } from "../../core/offer/offer.ts";
import type { Page } from "../../core/crawl/page.ts";
import { createSeen } from "../../core/snapshot/seen.ts";
import type { Manifest } from "../../core/snapshot/snapshot.ts";
import type { Bucket } from "../bucket/bucket.ts";
import { readNdjson, writeNdjson } from "../bucket/ndjson.ts";

/** Writes a window's offers under the part's own key: written twice it is the same. */
export async function writePart(bucket: Bucket, key: string, pages: Page[]): Promise<void> {
  await writeNdjson(
    bucket,
    key,
    pages.flatMap((page) => page.offers),
  );
}

export type Parts = Pick<Manifest, "id" | "parts" | "voidParts">;

/**
 * The parts that count, in the portal's order: each is held while its turn lasts. An offer may stand in two.
 * Throws when one is gone.
 */
export async function* readParts(
  bucket: Bucket,
  { id, parts, voidParts }: Parts,
): AsyncGenerator<RawOffer[]> {
  for (let part = 1; part <= parts; part += 1) {
    if (voidParts.includes(part)) continue;
    const offers = await readNdjson(bucket, partKey(id, part));
    if (offers === null) throw snapshotGone();
    yield offers;
  }
}

/** The snapshot's offers in the portal's order, each once by its id. Holds one part at a time. */
export async function* readOffers(bucket: Bucket, parts: Parts, isNew = createSeen()): AsyncGenerator {
  for await (const offers of readParts(bucket, parts)) {
    for (const offer of offers) {
      const id = readId(offer);
      if (id === null || isNew(id)) yield offer;
    }
  }
}

/** The ids of one part after the other; offers without one are left out. */
export async function* readIds(bucket: Bucket, parts: Parts): AsyncGenerator<string[]> {
  for await (const offers of readParts(bucket, parts)) yield offers.map(readId).filter((id) => id !== null);
}

/** Somebody has removed the snapshot while it was in use. */
export function snapshotGone(): ExportError {
  const detail = "The portal's data that this export was to be made of have been removed. Start it again.";
  return new ExportError("gone", "snapshot_gone", detail);
}
