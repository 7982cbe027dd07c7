import { beginCrawl } from "../../functions/core/crawl.ts";
import { manifestKey, partKey } from "../../functions/core/key.ts";
import { makePage } from "../../functions/core/page.ts";
import { describeSnapshot, type Manifest } from "../../functions/core/snapshot.ts";
import type { Bucket } from "../../functions/io/bucket.ts";
import { writePart } from "../../functions/io/snapshot.ts";

type Given = { id: string; at: string; offersPerPart?: number } & Partial<Pick<Manifest, "doubts">>;

/** A snapshot of these offers, read at that moment. */
export async function writeSnapshot(bucket: Bucket, offers: unknown[], given: Given): Promise<Manifest> {
  const { id, at, offersPerPart = 7, doubts = [] } = given;
  let parts = 0;
  for (let from = 0; from < offers.length; from += offersPerPart) {
    parts += 1;
    const page = makePage(parts, offers.slice(from, from + offersPerPart), false);
    await writePart(bucket, partKey(id, parts), [page]);
  }
  const crawl = { ...beginCrawl({ windowMs: 60_000, reserve: 0 }), parts, doubts };
  const manifest = describeSnapshot(id, crawl, { startedAt: at, finishedAt: at, evidence: false });
  await bucket.writeJson(manifestKey(id), manifest);
  return manifest;
}
