import * as z from "zod";
import { observationsKey } from "../../core/basics/bucket-keys.ts";
import type { Observed } from "../../core/refresh/refresh-plan--follow.ts";
import type { StoredObject } from "../../core/snapshot/snapshot-manifest--stored.ts";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { StepAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import { readStored } from "../snapshot/snapshot-store.ts";

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

/** What one window has added to what was seen, under a key of this attempt. */
export async function writeObservations(
  attempt: StepAttempt,
  { id: refreshId, window }: { id: string; window: number },
  { sights, offers, from }: Observed & { from: number },
): Promise<StoredObject> {
  const all = sights.map((sight, index) => ({ sight, offers: offers[index] ?? [] }));
  return await attempt.write((own) => observationsKey(refreshId, window, own), all.slice(from));
}

type Windows = { id: string; window: number; stored: (StoredObject | null)[] };

/** Those of all windows before that one, as the attempts wrote them that count. Throws when they are there no more. */
export async function readObservations(
  bucket: Bucket,
  { id: refreshId, window: beforeWindow, stored }: Windows,
): Promise<Observed> {
  const seen: Observed = { sights: [], offers: [] };
  for (let window = 1; window < beforeWindow; window += 1) {
    const { attempt = null, sha256 = null } = stored[window - 1] ?? {};
    const key = observationsKey(refreshId, window, attempt);
    const lines = await readStored(bucket, refreshId, { key, sha256 });
    for (const { sight, offers } of z.array(Shown).parse(lines)) {
      seen.sights.push(sight);
      seen.offers.push(offers);
    }
  }
  return seen;
}
