import type { Day } from "../basics/calendar.ts";
import type { Offer } from "./offer.ts";

/** Whether an offer may still be decided without anybody's correcting it by hand: a refresh reads it again. */
export function isDue(offer: Offer, { today, lateDays }: { today: Day; lateDays: number }): boolean {
  const { acceptedAt, rejectedAt, expiresAt, raw } = offer;
  if (acceptedAt !== null || rejectedAt !== null) return false;
  if (raw.acceptedAt !== undefined || raw.rejectedAt !== undefined) return false;
  return expiresAt === null || expiresAt >= today - lateDays;
}
