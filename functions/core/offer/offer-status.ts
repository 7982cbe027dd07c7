import type { Calendar, Day, Moment } from "../basics/calendar.ts";
import type { Offer } from "./offer.ts";

export const statuses = ["open", "accepted", "rejected", "expired"] as const;
export type Status = (typeof statuses)[number];

/** An offer's status is that at the end of `asOf` on this calendar. */
export type Judgement = { asOf: Day; calendar: Calendar };

/** A decision that counts. `at` is null when its moment cannot be read; then `raw` is the portal's text. */
type Decision = { status: "accepted" | "rejected"; at: Moment | null; raw: string | null };

export type StatusVerdict = { status: Status; decision: Decision | null; bothDecided: boolean };

/** False when the offer was both created and issued after `asOf`: a report leaves it out. */
export function isKnownOffer(offer: Offer, { asOf, calendar }: Judgement): boolean {
  const createdLater = offer.createdAt !== null && calendar.dayOf(offer.createdAt) > asOf;
  const issuedLater = offer.issuedAt !== null && offer.issuedAt > asOf;
  return !(createdLater && issuedLater);
}

/**
 * The later of two decisions counts, and the acceptance when both have the same moment. Without a decision, the last
 * valid day decides.
 */
export function judgeOffer(offer: Offer, judgement: Judgement): StatusVerdict {
  const accepted = readDecision(offer, "accepted", judgement);
  const rejected = readDecision(offer, "rejected", judgement);
  const decision = accepted && rejected ? laterDecision(accepted, rejected) : (accepted ?? rejected);
  const status = decision?.status ?? (isExpired(offer, judgement) ? "expired" : "open");
  return { status, decision, bothDecided: accepted !== null && rejected !== null };
}

function readDecision(
  offer: Offer,
  status: Decision["status"],
  { asOf, calendar }: Judgement,
): Decision | null {
  const field = `${status}At` as const;
  const at = offer[field];
  const raw = offer.raw[field] ?? null;
  if (at === null) return raw === null ? null : { status, at, raw };
  return calendar.dayOf(at) > asOf ? null : { status, at, raw };
}

/** A decision with a readable moment wins over one without. */
function laterDecision(accepted: Decision, rejected: Decision): Decision {
  return (rejected.at ?? -Infinity) > (accepted.at ?? -Infinity) ? rejected : accepted;
}

function isExpired(offer: Offer, { asOf }: Judgement): boolean {
  return offer.expiresAt !== null && offer.expiresAt < asOf;
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
