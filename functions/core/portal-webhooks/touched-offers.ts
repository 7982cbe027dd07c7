import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";

const Mark = z.object({ id: z.string(), at: isoMoment });

/**
 * The offers that the portal's webhooks have named, each once and as of the last time, the newest first. Of what was
 * named until `forgottenUntil` some may be missing.
 */
export const TouchedOffers = z.object({ forgottenUntil: isoMoment.nullable(), marks: z.array(Mark) });
export type TouchedOffers = z.infer<typeof TouchedOffers>;

export const noTouchedOffers: TouchedOffers = { forgottenUntil: null, marks: [] };

/** A refresh with more to read by themselves is seldom cheaper than a crawl. */
export const maxTouchedOffers = 500;

/** The oldest give way. Whoever adds may be late: what was named at a later moment may be there already. */
export function addTouchedOffers(known: TouchedOffers, ids: string[], at: string): TouchedOffers {
  const times = new Map(known.marks.map((mark) => [mark.id, mark.at]));
  for (const id of ids) times.set(id, findLatest(times.get(id) ?? null, at));
  const all = [...times].map(([id, time]) => ({ id, at: time }));
  const sorted = all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const [newest] = sorted.slice(maxTouchedOffers);
  return {
    forgottenUntil: newest === undefined ? known.forgottenUntil : findLatest(known.forgottenUntil, newest.at),
    marks: sorted.slice(0, maxTouchedOffers),
  };
}

function findLatest(known: string | null, at: string): string {
  return known !== null && Date.parse(known) > Date.parse(at) ? known : at;
}

/** How long after its moment a mark may be written, and how far the clocks of two functions may be apart. */
export const clockSlackMs = 120_000;

/**
 * The offers that were named since a snapshot was begun; null when some of them may be missing. There is no end to
 * the time: of what is named while the snapshot is refreshed, what it reads may be of before.
 */
export function listTouchedSince(
  { forgottenUntil, marks }: TouchedOffers,
  startedAt: string,
): string[] | null {
  const sinceMs = Date.parse(startedAt) - clockSlackMs;
  if (forgottenUntil !== null && Date.parse(forgottenUntil) >= sinceMs) return null;
  return marks.filter(({ at }) => Date.parse(at) >= sinceMs).map(({ id }) => id);
}
