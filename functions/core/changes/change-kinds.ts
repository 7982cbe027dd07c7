import * as z from "zod";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { statuses } from "../offer/offer-status.ts";

/** The kinds of change of an offer since an earlier report. One offer may have several. */
export const changeKinds = [
  "new",
  "accepted",
  "rejected",
  "expired",
  /** Open again, after it was accepted, rejected or expired. */
  "reopened",
  /** No longer in the portal. */
  "gone",
  "amount",
  /** Another day of issue, or another last valid day. */
  "dates",
] as const;
export type ChangeKind = (typeof changeKinds)[number];

const text = z.string().nullable();
/** An exact decimal, as text. */
const value = z.string();

/** An offer in one report. A value that could not be read is null. */
const OfferVersion = z.object({
  status: z.enum(statuses),
  currency: text,
  amount: text,
  issuedAt: text,
  expiresAt: text,
});
export type OfferVersion = z.infer<typeof OfferVersion>;

/** `before` is null for a new offer, `after` for one that is gone. */
export const ChangedOffer = z.object({
  offerNumber: text,
  offerId: z.string(),
  customerId: text,
  customerName: text,
  before: OfferVersion.nullable(),
  after: OfferVersion.nullable(),
});
export type ChangedOffer = z.infer<typeof ChangedOffer>;

/** `value` is the value of the offers now, the last known value for `gone`, and the difference for `amount`. */
const Changed = z.object({ offers: wholeNumber, value, rows: z.array(ChangedOffer) });

/** The changes between an earlier report and this one. Values are in `currency`. */
export const Changes = z.object({
  /** The earlier report. */
  since: z.object({
    id: z.string(),
    asOf: z.iso.date(),
    snapshotAt: isoMoment,
    completeness: z.enum(["complete", "uncertain"]),
  }),
  /** The currency of the figures. */
  currency: text,
  /** An offer counts in each of its kinds. `rows` holds the most valuable offers. */
  kinds: z.record(z.enum(changeKinds), Changed),
  otherCurrencies: z.array(z.object({ currency: z.string(), values: z.record(z.enum(changeKinds), value) })),
});
export type Changes = z.infer<typeof Changes>;

/** Why a report has no changes: it is the first with these options, or the snapshots of earlier ones are gone. */
export type NoChangesReason = "first" | "gone";

const maxShown = 50;

/** Shortens the lists of offers for an answer of the API. The changes sheet shows the full lists. */
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
