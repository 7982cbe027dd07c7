import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { observationsKey } from "../../core/basics/bucket-keys.ts";
import type { Moment } from "../../core/basics/calendar.ts";
import { isDueForReread } from "../../core/offer/expiry-days.ts";
import { parseOffer, readId } from "../../core/offer/offer.ts";
import { type Baseline, findListDirection } from "../../core/refresh/baseline.ts";
import { fingerprintOffer } from "../../core/refresh/observation.ts";
import type { Observed } from "../../core/refresh/refresh-plan.ts";
import type { SnapshotManifest, StoredObject } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { readOffers, readStored } from "../snapshot/snapshot-store.ts";

const round = z.int();
const anyId = z.string();
const fingerprint = z.int();

const Shown = z.object({
  sight: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("page"),
      round,
      number: z.int(),
      ids: z.array(anyId),
      fingerprints: z.array(fingerprint),
      isLast: z.boolean(),
    }),
    z.object({ kind: z.literal("offer"), round, id: anyId, fingerprint: fingerprint.nullable() }),
  ]),
  offers: z.array(z.unknown()),
});

/** What one window has added to what was seen, under a key of this attempt. */
export async function writeObservations(
  attempt: StepAttempt,
  { id: refreshId, window }: { id: string; window: number },
  { observations, offers, from }: Observed & { from: number },
): Promise<StoredObject> {
  const all = observations.map((sight, index) => ({ sight, offers: offers[index] ?? [] }));
  return await attempt.write((own) => observationsKey(refreshId, window, own), all.slice(from));
}

type Windows = { id: string; window: number; stored: (StoredObject | null)[] };

/** Those of all windows before that one, as the attempts wrote them that count. Throws when they are there no more. */
export async function readObservations(
  bucket: Bucket,
  { id: refreshId, window: beforeWindow, stored }: Windows,
): Promise<Observed> {
  const seen: Observed = { observations: [], offers: [] };
  for (let window = 1; window < beforeWindow; window += 1) {
    const { attempt = null, sha256 = null } = stored[window - 1] ?? {};
    const key = observationsKey(refreshId, window, attempt);
    const lines = await readStored(bucket, refreshId, { key, sha256 });
    for (const { sight, offers } of z.array(Shown).parse(lines)) {
      seen.observations.push(sight);
      seen.offers.push(offers);
    }
  }
  return seen;
}

type BaselineSource = Pick<AppContext, "bucket" | "calendar" | "clock" | "config">;

/**
 * What a refresh must know of a snapshot; null of one that nobody can start from: an offer in it has no id, or its
 * order tells nothing. Throws where it is gone.
 */
export async function readBaseline(
  { bucket, calendar, clock, config }: BaselineSource,
  manifest: SnapshotManifest,
): Promise<Baseline | null> {
  const term = { today: calendar.dayOf(dateNow(clock).getTime()), lateDays: config.lateDays };
  const ids: string[] = [];
  const fingerprints: number[] = [];
  const due: number[] = [];
  const createdAt: (Moment | null)[] = [];
  for await (const given of readOffers(bucket, manifest)) {
    const id = readId(given);
    if (id === null) return null;
    const offer = parseOffer(given, calendar);
    if (isDueForReread(offer, term)) due.push(ids.length);
    ids.push(id);
    fingerprints.push(fingerprintOffer(given));
    createdAt.push(offer.createdAt);
  }
  const grows = findListDirection(createdAt);
  return grows && { ids, fingerprints, due, grows, heads: manifest.heads };
}
