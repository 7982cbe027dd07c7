import type { Calendar, Day, Moment } from "../basics/calendar.ts";
import type { Offer, RemarkCode } from "./offer.ts";

export const statuses = ["open", "accepted", "rejected", "expired"] as const;
export type Status = (typeof statuses)[number];

/** An offer's status is decided for the end of the day `asOf` on this calendar. */
export type Judgement = { asOf: Day; calendar: Calendar };

/**
 * The acceptance or rejection that decides an offer's status. `at` is the moment of the decision. When the portal's
 * text for this moment cannot be read, `at` is null and `raw` holds the text.
 */
type Decision = { status: "accepted" | "rejected"; at: Moment | null; raw: string | null };

export type StatusVerdict = { status: Status; decision: Decision | null; bothDecided: boolean };

/**
 * True when a report as of the day `asOf` includes the offer. False when the offer was both created and issued
 * after this day.
 */
export function isKnownOffer(offer: Offer, { asOf, calendar }: Judgement): boolean {
  const createdLater = offer.createdAt !== null && calendar.dayOf(offer.createdAt) > asOf;
  const issuedLater = offer.issuedAt !== null && offer.issuedAt > asOf;
  return !(createdLater && issuedLater);
}

/**
 * Returns the remark on an offer that is included although it may be later than the day `asOf`: one of its two dates is
 * later, and the other one is unknown. Returns null for any other offer.
 */
export function findLaterRemark(offer: Offer, { asOf, calendar }: Judgement): LaterRemark | null {
  const { createdAt, issuedAt } = offer;
  if (issuedAt === null && createdAt !== null && calendar.dayOf(createdAt) > asOf) return "createdLater";
  return createdAt === null && issuedAt !== null && issuedAt > asOf ? "issuedLater" : null;
}

export const laterRemarks = ["createdLater", "issuedLater"] as const satisfies RemarkCode[];
type LaterRemark = (typeof laterRemarks)[number];

/**
 * Decides an offer's status. When an offer was both accepted and rejected, the later decision counts; at the same
 * moment, the acceptance counts. An offer without a decision is open until the end of its last valid day, and expired
 * after it.
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

/** Returns the later decision. A decision with a readable moment counts as later than a decision without one. */
function laterDecision(accepted: Decision, rejected: Decision): Decision {
  return (rejected.at ?? -Infinity) > (accepted.at ?? -Infinity) ? rejected : accepted;
}

function isExpired(offer: Offer, { asOf }: Judgement): boolean {
  return offer.expiresAt !== null && offer.expiresAt < asOf;
}

/**
 * An open offer expires soon when it has at most this many days to go. The column `expiringSoon`, the follow-up sheet,
 * the mail, the page, the schedules' `mailWhen` and the texts of all of them use this number.
 */
export const expiringSoonDays = 7;

/** Returns whether an offer expires soon; null when the number of days until an open offer expires is unknown. */
export function isExpiringSoon(isOpen: boolean, daysUntilExpiry: number | null): boolean | null {
  if (!isOpen) return false;
  return daysUntilExpiry === null ? null : daysUntilExpiry <= expiringSoonDays;
}

/** The follow-up sheet lists the offers that expired at most this many days before the as-of date. */
export const recentlyExpiredDays = 14;
