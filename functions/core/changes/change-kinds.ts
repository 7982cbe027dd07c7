import * as z from "zod";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { statuses } from "../offer/offer-status.ts";

/** What may have happened to an offer since an earlier report; several of them may have to one. */
export const changeKinds = [
  "new",
  "accepted",
  "rejected",
  "expired",
  /** Neither decided nor expired any more. */
  "reopened",
  /** The portal has it no more. */
  "gone",
  "amount",
  /** Of issue, or the last valid day. */
  "dates",
] as const;
export type ChangeKind = (typeof changeKinds)[number];

const text = z.string().nullable();
/** An exact decimal. */
const value = z.string();

/** An offer as a report has it; null is what could not be read. */
const OfferVersion = z.object({
  status: z.enum(statuses),
  currency: text,
  amount: text,
  issuedAt: text,
  expiresAt: text,
});
export type OfferVersion = z.infer<typeof OfferVersion>;

/** `before` is null of a new offer, `after` of one that is gone. */
export const ChangedOffer = z.object({
  offerNumber: text,
  offerId: z.string(),
  customerId: text,
  customerName: text,
  before: OfferVersion.nullable(),
  after: OfferVersion.nullable(),
});
export type ChangedOffer = z.infer<typeof ChangedOffer>;

/** The value is that of the offers now, of those that are gone the last known, of changed amounts the difference. */
const Changed = z.object({ offers: wholeNumber, value, rows: z.array(ChangedOffer) });

/** What happened to the offers of this report and of an earlier one; values are those in `currency`. */
export const Changes = z.object({
  /** The earlier report. */
  since: z.object({
    id: z.string(),
    asOf: z.iso.date(),
    snapshotAt: isoMoment,
    completeness: z.enum(["complete", "uncertain"]),
  }),
  /** That of the figures. */
  currency: text,
  /** An offer counts in each kind that applies; `rows` are the most valuable. */
  kinds: z.record(z.enum(changeKinds), Changed),
  /** The same sums in other currencies. */
  otherCurrencies: z.array(z.object({ currency: z.string(), values: z.record(z.enum(changeKinds), value) })),
});
export type Changes = z.infer<typeof Changes>;

/** Why there is nothing to compare with: no earlier report of these options, or none whose snapshot is still there. */
export type NoChangesReason = "first" | "gone";

const maxShown = 50;

/** As an answer tells them: the lists are for a sheet, their start will do here. */
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
