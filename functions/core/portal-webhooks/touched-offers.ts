import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

const TouchedOffer = z.object({ id: z.string(), at: isoMoment });

/**
 * Touched offers are those that the portal's webhooks have named: each once, with the time of the last webhook,
 * newest first. Offers touched up to `forgottenUntil` may be missing.
 */
export const TouchedOffers = z.object({ forgottenUntil: isoMoment.nullable(), marks: z.array(TouchedOffer) });
export type TouchedOffers = z.infer<typeof TouchedOffers>;

export const noTouchedOffers: TouchedOffers = { forgottenUntil: null, marks: [] };

/** With more single offers to read, a refresh is seldom cheaper than a crawl. */
export const maxTouchedOffers = 500;

/** Adds offers touched at a moment and drops the oldest beyond the limit. Calls may arrive in any order. */
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

/** Allowance for the delay between a webhook and its record, and for the clocks of two functions. */
export const clockSlackMs = 120_000;

/**
 * Returns the offers that were touched since a snapshot began; null when some of them may be missing. Offers that
 * were touched while the snapshot was read are included, because the snapshot may hold them as they were before.
 */
export function listTouchedSince(
  { forgottenUntil, marks }: TouchedOffers,
  startedAt: string,
): string[] | null {
  const sinceMs = Date.parse(startedAt) - clockSlackMs;
  if (forgottenUntil !== null && Date.parse(forgottenUntil) >= sinceMs) return null;
  return marks.filter(({ at }) => Date.parse(at) >= sinceMs).map(({ id }) => id);
}
