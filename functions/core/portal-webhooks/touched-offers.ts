import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

const TouchedOffer = z.object({ id: z.string(), at: isoMoment });

/**
 * Touched offers are the offers that webhooks of the portal have named. Each offer is listed once, with the time of
 * the last webhook that named the offer, newest first. Offers that were last named at `forgottenUntil` or earlier
 * may be missing.
 */
export const TouchedOffers = z.object({ forgottenUntil: isoMoment.nullable(), marks: z.array(TouchedOffer) });
export type TouchedOffers = z.infer<typeof TouchedOffers>;

export const noTouchedOffers: TouchedOffers = { forgottenUntil: null, marks: [] };

/**
 * The largest number of touched offers that is kept. A refresh that must read more single offers than this seldom
 * takes fewer requests than a crawl.
 */
export const maxTouchedOffers = 500;

/**
 * Adds offers that a webhook named at the time `at`, and drops the oldest offers above `maxTouchedOffers`. Calls
 * need not come in the order of their times.
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
 * The margin that `listTouchedSince` adds, because webhooks are recorded with a delay and the clocks of two
 * functions may differ.
 */
export const clockSlackMs = 120_000;

/**
 * Returns the ids that portal webhooks have named since the snapshot began; null when the list of ids may be
 * incomplete. Ids that were named while the snapshot was read are included, because the snapshot may hold these
 * offers as they were before.
 */
export function listTouchedSince(
  { forgottenUntil, marks }: TouchedOffers,
  startedAt: string,
): string[] | null {
  const sinceMs = Date.parse(startedAt) - clockSlackMs;
  if (forgottenUntil !== null && Date.parse(forgottenUntil) >= sinceMs) return null;
  return marks.filter(({ at }) => Date.parse(at) >= sinceMs).map(({ id }) => id);
}
