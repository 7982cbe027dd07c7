import { createHash } from "node:crypto";
import type { Bucket } from "../../functions/adapters/bucket/bucket.ts";
import { writePart } from "../../functions/app/snapshot/snapshot-store.ts";
import { manifestKey, partKey } from "../../functions/core/basics/bucket-keys.ts";
import { beginCrawl } from "../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage } from "../../functions/core/crawl/offer-page.ts";
import {
  describeManifest,
  locateParts,
  SnapshotManifest,
} from "../../functions/core/snapshot/snapshot-manifest.ts";

/** Lists the keys of the snapshot's parts. */
export async function listPartKeys(bucket: Bucket, id: string): Promise<string[]> {
  const manifest = await bucket.readJson(manifestKey(id), SnapshotManifest);
  return manifest === null ? [] : locateParts(manifest).map(({ key }) => key);
}

/** Removes the first part of the snapshot. */
export async function removePart(bucket: Bucket, id: string): Promise<void> {
  const [key] = await listPartKeys(bucket, id);
  if (key === undefined) throw new Error("the snapshot has no part");
  await bucket.remove(key);
}

/** Replaces the first part of the snapshot, and its checksum in the manifest. */
export async function forgePart(bucket: Bucket, id: string, bytes: Uint8Array): Promise<void> {
  const manifest = SnapshotManifest.parse(await bucket.readJson(manifestKey(id), SnapshotManifest));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const [first, ...others] = manifest.stored ?? [];
  if (first === undefined) throw new Error("the snapshot has no part");
  const stored = [{ ...first, sha256 }, ...others];
  await bucket.writeBytes(locateParts(manifest)[0]?.key ?? "", bytes, { contentType: "" });
  await bucket.writeJson(manifestKey(id), { ...manifest, stored });
}

type Given = { id: string; at: string; offersPerPart?: number } & Partial<Pick<SnapshotManifest, "doubts">>;

/** Writes a snapshot of these offers, by default in parts of 60 pages. */
export async function writeSnapshot(
  bucket: Bucket,
  offers: Iterable<unknown>,
  { id, at, offersPerPart = 900, doubts = [] }: Given,
): Promise<SnapshotManifest> {
  let parts = 0;
  let part: unknown[] = [];
  const flush = async () => {
    parts += 1;
    await writePart(bucket, partKey(id, parts), [makeOfferPage(parts, part, false)]);
    part = [];
  };
  for (const offer of offers) {
    part.push(offer);
    if (part.length === offersPerPart) await flush();
  }
  await flush();
  const crawl = { ...beginCrawl({ windowMs: 60_000, reserve: 0 }), parts, doubts };
  const manifest = describeManifest(id, crawl, { startedAt: at, finishedAt: at, evidence: false });
  await bucket.writeJson(manifestKey(id), manifest);
  return manifest;
}
