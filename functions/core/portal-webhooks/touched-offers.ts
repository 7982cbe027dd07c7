import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

const TouchedOffer = z.object({ id: z.string(), at: isoMoment });

/**
 * Touched offers are the offers that webhooks of the portal have named. Each offer is listed once, with the time of the
 * last webhook that named it, newest first. Offers that were last named at `forgottenUntil` or earlier may be missing
 * from the list.
 */
export const TouchedOffers = z.object({ forgottenUntil: isoMoment.nullable(), marks: z.array(TouchedOffer) });
export type TouchedOffers = z.infer<typeof TouchedOffers>;

export const noTouchedOffers: TouchedOffers = { forgottenUntil: null, marks: [] };

/**
 * The largest number of touched offers that is kept. A refresh reads every touched offer again. For more offers than
 * this, a crawl usually takes fewer requests.
 */
export const maxTouchedOffers = 500;

/**
 * Adds the offers that a webhook named at the time `at`, and keeps the newest `maxTouchedOffers` offers. Webhooks may
 * be added in any order of their times.
 */
export function addTouchedOffers(known: TouchedOffers, ids: string[], at: string): TouchedOffers {
  const times = new Map(known.marks.map((mark) => [mark.id, mark.at]));
  for (const id of ids) times.set(id, findLatest(times.get(id) ?? null, at));
  const all = [...times].map(([id, time]) => ({ id, at: time }));
  const sorted = all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const [newestDropped] = sorted.slice(maxTouchedOffers);
  return {
    forgottenUntil:
      newestDropped === undefined ? known.forgottenUntil : findLatest(known.forgottenUntil, newestDropped.at),
    marks: sorted.slice(0, maxTouchedOffers),
  };
}

function findLatest(known: string | null, at: string): string {
  return known !== null && Date.parse(known) > Date.parse(at) ? known : at;
}

/**
 * `listTouchedSince` goes back this much further than the given time, because webhooks are recorded with a delay and
 * the clocks of two functions may differ.
 */
export const clockSlackMs = 120_000;

/**
 * Returns the ids of the offers that portal webhooks have named since `startedAt`, the start of a snapshot. Returns
 * null when the list of ids may be incomplete. Ids that were named while the snapshot was read are included, because
 * the snapshot may hold older versions of these offers.
 */
export function listTouchedSince(
  { forgottenUntil, marks }: TouchedOffers,
  startedAt: string,
): string[] | null {
  const sinceMs = Date.parse(startedAt) - clockSlackMs;
  if (forgottenUntil !== null && Date.parse(forgottenUntil) >= sinceMs) return null;
  return marks.filter(({ at }) => Date.parse(at) >= sinceMs).map(({ id }) => id);
}
