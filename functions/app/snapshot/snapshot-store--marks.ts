import { marksKey } from "../../core/basics/bucket-keys.ts";
import { addMarks, listMarked, Marks, noMarks } from "../../core/portal-webhooks/touched-offers.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { World } from "../context.ts";

type Place = Pick<World, "bucket" | "config" | "clock">;

/** Has the next refresh read these offers again. */
export async function markOffers({ bucket, config, clock }: Place, ids: string[]): Promise<void> {
  const now = dateNow(clock).toISOString();
  await bucket.update(marksKey(hashPortal(config)), readable(now), (known) => ({
    after: addMarks(known ?? noMarks, ids, now),
    answer: null,
  }));
}

/** The offers that were marked since a snapshot was begun; null when some of them may be missing. */
export async function readMarked(
  { bucket, config, clock }: Place,
  startedAt: string,
): Promise<string[] | null> {
  const schema = readable(dateNow(clock).toISOString());
  const known = await bucket.readJson(marksKey(hashPortal(config)), schema);
  return listMarked(known ?? noMarks, startedAt);
}

/** What another version wrote in another shape is forgotten, and that is known. */
function readable(now: string) {
  return Marks.catch({ forgottenUntil: now, marks: [] });
}
