import * as z from "zod";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { statuses } from "../offer/offer-status.ts";

/** The ways in which an offer can change after an earlier report. One offer may have several kinds of change. */
export const changeKinds = [
  "new",
  "accepted",
  "rejected",
  "expired",
  /** The offer is open again, after it was accepted, rejected or expired. */
  "reopened",
  /** The offer is no longer in the portal. */
  "gone",
  "amount",
  /** The day of issue or the last valid day of the offer has changed. */
  "dates",
] as const;
export type ChangeKind = (typeof changeKinds)[number];

const text = z.string().nullable();
/** An exact decimal number, as text. */
const value = z.string();

/** An offer as one report shows it. A field is null when its value is missing or could not be read. */
const OfferVersion = z.object({
  status: z.enum(statuses),
  currency: text,
  amount: text,
  issuedAt: text,
  expiresAt: text,
});
export type OfferVersion = z.infer<typeof OfferVersion>;

/** An offer that has changed. `before` is null for a new offer, and `after` is null for an offer that is gone. */
export const ChangedOffer = z.object({
  offerNumber: text,
  offerId: z.string(),
  customerId: text,
  customerName: text,
  before: OfferVersion.nullable(),
  after: OfferVersion.nullable(),
});
export type ChangedOffer = z.infer<typeof ChangedOffer>;

/**
 * The changes of one kind. `value` is the sum of the offers' current amounts. For the kind `gone`, `value` is the sum
 * of the last known amounts. For the kind `amount`, `value` is the sum of the differences.
 */
const Changed = z.object({ offers: wholeNumber, value, rows: z.array(ChangedOffer) });

/** The changes between an earlier report and the current one. Every `value` in `kinds` is in `currency`. */
export const Changes = z.object({
  /** The earlier report, with which the current report is compared. */
  since: z.object({
    id: z.string(),
    asOf: z.iso.date(),
    snapshotAt: isoMoment,
    completeness: z.enum(["complete", "uncertain"]),
  }),
  /** The currency of the values in `kinds`; null when no amount is known. */
  currency: text,
  /**
   * The changes by kind. An offer with several kinds of change counts in each of them. `rows` holds the most valuable
   * offers.
   */
  kinds: z.record(z.enum(changeKinds), Changed),
  otherCurrencies: z.array(z.object({ currency: z.string(), values: z.record(z.enum(changeKinds), value) })),
});
export type Changes = z.infer<typeof Changes>;

/**
 * The reason why a report has no changes. `first`: it is the first report with its options. `gone`: the snapshots of
 * the earlier reports no longer exist.
 */
export const noChangesReasons = ["first", "gone"] as const;
export type NoChangesReason = (typeof noChangesReasons)[number];

const maxShown = 50;

/** Shortens the lists of changed offers for an answer of the API. The changes sheet shows the whole lists. */
export function truncateChanges(changes: Changes): Changes {
  const shorten = (kind: ChangeKind) => {
    const { rows, ...counted } = changes.kinds[kind];
    return { ...counted, rows: rows.slice(0, maxShown) };
  };
  return { ...changes, kinds: mapChangeKinds(shorten) };
}

export function mapChangeKinds<T>(describe: (kind: ChangeKind) => T): Record<ChangeKind, T> {
  return {
    new: describe("new"),
    accepted: describe("accepted"),
    rejected: describe("rejected"),
    expired: describe("expired"),
    reopened: describe("reopened"),
    gone: describe("gone"),
    amount: describe("amount"),
    dates: describe("dates"),
  };
}
