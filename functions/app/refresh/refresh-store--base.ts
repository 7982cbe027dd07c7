import type { Baseline } from "../../core/refresh/baseline.ts";
import type { Moment } from "../../core/basics/calendar.ts";
import { isDueForReread } from "../../core/offer/expiry-days.ts";
import { parseOffer, readId } from "../../core/offer/offer.ts";
import { fingerprintOffer } from "../../core/refresh/observation--fingerprint.ts";
import type { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import { findListDirection } from "../../core/refresh/baseline--growth.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { readOffers } from "../snapshot/snapshot-store.ts";
import type { AppContext } from "../context.ts";

type Place = Pick<AppContext, "bucket" | "calendar" | "clock" | "config">;

/**
 * What a refresh must know of a snapshot; null of one that nobody can start from: an offer in it has no id, or its
 * order tells nothing. Throws where it is gone.
 */
export async function readBaseline(
  { bucket, calendar, clock, config }: Place,
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
