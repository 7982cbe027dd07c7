import { touchedOffersKey } from "../../core/basics/bucket-keys.ts";
import { addTouchedOffers, listTouchedSince, TouchedOffers, noTouchedOffers } from "../../core/portal-webhooks/touched-offers.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { AppContext } from "../context.ts";

type Place = Pick<AppContext, "bucket" | "config" | "clock">;

/** Has the next refresh read these offers again. */
export async function touchOffers({ bucket, config, clock }: Place, ids: string[]): Promise<void> {
  const now = dateNow(clock).toISOString();
  await bucket.update(touchedOffersKey(hashPortal(config)), readable(now), (known) => ({
    after: addTouchedOffers(known ?? noTouchedOffers, ids, now),
    answer: null,
  }));
}

/** The offers that were marked since a snapshot was begun; null when some of them may be missing. */
export async function readTouchedOffers(
  { bucket, config, clock }: Place,
  startedAt: string,
): Promise<string[] | null> {
  const schema = readable(dateNow(clock).toISOString());
  const known = await bucket.readJson(touchedOffersKey(hashPortal(config)), schema);
  return listTouchedSince(known ?? noTouchedOffers, startedAt);
}

/** What another version wrote in another shape is forgotten, and that is known. */
function readable(now: string) {
  return TouchedOffers.catch({ forgottenUntil: now, marks: [] });
}
