import { beginCrawl } from "../../functions/core/crawl/crawl.ts";
import { manifestKey, partKey } from "../../functions/core/key.ts";
import { makePage } from "../../functions/core/crawl/page.ts";
import { describeSnapshot, type Manifest } from "../../functions/core/snapshot/snapshot.ts";
import type { Bucket } from "../../functions/io/bucket/bucket.ts";
import { writePart } from "../../functions/io/crawl/snapshot.ts";

type Given = { id: string; at: string; offersPerPart?: number } & Partial<Pick<Manifest, "doubts">>;

/** A snapshot of these offers, read at that moment, in parts of 60 pages. */
export async function writeSnapshot(
  bucket: Bucket,
  offers: Iterable<unknown>,
  { id, at, offersPerPart = 900, doubts = [] }: Given,
): Promise<Manifest> {
  let parts = 0;
  let part: unknown[] = [];
  const flush = async () => {
    parts += 1;
    await writePart(bucket, partKey(id, parts), [makePage(parts, part, false)]);
    part = [];
  };
  for (const offer of offers) {
    part.push(offer);
    if (part.length === offersPerPart) await flush();
  }
  await flush();
  const crawl = { ...beginCrawl({ windowMs: 60_000, reserve: 0 }), parts, doubts };
  const manifest = describeSnapshot(id, crawl, { startedAt: at, finishedAt: at, evidence: false });
  await bucket.writeJson(manifestKey(id), manifest);
  return manifest;
}
