import * as z from "zod";
import { sightsKey } from "../core/key.ts";
import type { RawOffer } from "../core/offer.ts";
import type { Sight } from "../core/refresh/sight.ts";
import type { Bucket } from "./bucket.ts";
import { readNdjson, writeNdjson } from "./ndjson.ts";
import { snapshotGone } from "./snapshot.ts";

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

/** What a refresh has seen so far, and for each sight the offers that it showed. */
export type Seen = { sights: Sight[]; offers: RawOffer[][] };

/** What one window showed: written again it is replaced. */
export async function writeSights(bucket: Bucket, key: string, { sights, offers }: Seen): Promise<void> {
  await writeNdjson(
    bucket,
    key,
    sights.map((sight, index) => ({ sight, offers: offers[index] ?? [] })),
  );
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
