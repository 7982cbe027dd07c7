import type { Day } from "../basics/calendar.ts";
import type { Offer } from "./offer.ts";

/** Whether an offer may still be decided without anybody's correcting it by hand: a refresh reads it again. */
export function isDueForReread(offer: Offer, { today, lateDays }: { today: Day; lateDays: number }): boolean {
  const { acceptedAt, rejectedAt, expiresAt, raw } = offer;
  if (acceptedAt !== null || rejectedAt !== null) return false;
  if (raw.acceptedAt !== undefined || raw.rejectedAt !== undefined) return false;
  return expiresAt === null || expiresAt >= today - lateDays;
}

/**
 * An open offer expires soon during its last days. The column `expiringSoon`, the mail's section and their texts
 * mean this number.
 */
const soonDays = 7;

export function isSoon(isOpen: boolean, daysUntilExpiry: number | null): boolean | null {
  if (!isOpen) return false;
  return daysUntilExpiry === null ? null : daysUntilExpiry <= soonDays;
}

/** The follow-up sheet has offers that expire within so many days, or have expired within so many. */
export const followUpDays = 14;
