import * as z from "zod";
import { sightsKey } from "../../core/key.ts";
import type { Seen } from "../../core/refresh/follow.ts";
import type { Bucket } from "../bucket/bucket.ts";
import { readNdjson, writeNdjson } from "../bucket/ndjson.ts";
import { snapshotGone } from "../crawl/snapshot.ts";

const round = z.int();
const id = z.string();
const fingerprint = z.int();

const Shown = z.object({
  sight: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("page"),
      round,
      number: z.int(),
      ids: z.array(id),
      fingerprints: z.array(fingerprint),
      isLast: z.boolean(),
    }),
    z.object({ kind: z.literal("offer"), round, id, fingerprint: fingerprint.nullable() }),
  ]),
  offers: z.array(z.unknown()),
});

/** What one window has added to what was seen: written again it is replaced. */
export async function writeSights(
  bucket: Bucket,
  key: string,
  { sights, offers, from }: Seen & { from: number },
): Promise<void> {
  const all = sights.map((sight, index) => ({ sight, offers: offers[index] ?? [] }));
  await writeNdjson(bucket, key, all.slice(from));
}

/** Those of all windows before that one. Throws when somebody has removed them. */
export async function readSights(bucket: Bucket, refreshId: string, beforeWindow: number): Promise<Seen> {
  const seen: Seen = { sights: [], offers: [] };
  for (let window = 1; window < beforeWindow; window += 1) {
    const lines = await readNdjson(bucket, sightsKey(refreshId, window));
    if (lines === null) throw snapshotGone();
    for (const { sight, offers } of z.array(Shown).parse(lines)) {
      seen.sights.push(sight);
      seen.offers.push(offers);
    }
  }
  return seen;
}
