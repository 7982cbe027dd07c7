import type { Day } from "../basics/calendar.ts";
import type { Offer } from "./offer.ts";

/**
 * True for an offer that a customer may still accept or reject: it has no decision, and expired at most `lateDays` ago.
 * A refresh reads such offers again.
 */
export function isDueForReread(offer: Offer, { today, lateDays }: { today: Day; lateDays: number }): boolean {
  const { acceptedAt, rejectedAt, expiresAt, raw } = offer;
  if (acceptedAt !== null || rejectedAt !== null) return false;
  if (raw.acceptedAt !== undefined || raw.rejectedAt !== undefined) return false;
  return expiresAt === null || expiresAt >= today - lateDays;
}

/**
 * An open offer is expiring soon when at most this many days are left. The column `expiringSoon`, the mail's section and
 * their texts use this number.
 */
export const expiringSoonDays = 7;

/** Null when the days are unknown. */
export function isExpiringSoon(isOpen: boolean, daysUntilExpiry: number | null): boolean | null {
  if (!isOpen) return false;
  return daysUntilExpiry === null ? null : daysUntilExpiry <= expiringSoonDays;
}

/**
 * The follow-up sheet lists the open offers that expire within this many days, and the offers that expired within this
 * many days. Its texts and the page's use this number.
 */
export const followUpDays = 14;
