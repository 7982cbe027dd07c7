import { type Calendar, type Day, type Moment, parseDay } from "../basics/calendar.ts";
import { isSoon } from "../offer/expiry-days.ts";
import type { Remark } from "../offer/offer--remark.ts";
import { isKnownOffer, type Judgement, judgeOffer, type Status } from "../offer/offer-status.ts";
import type { Offer } from "../offer/offer.ts";
import { type IssueRange, resolveRange } from "../options/options--period.ts";
import type { Options } from "../options/options.ts";

/** An offer in the report; null is unknown or does not apply. `raw` holds the text of cells that could not be read. */
export type Row = {
  offerNumber: string | null;
  offerId: string | null;
  customerId: string | null;
  customerName: string | null;
  issuedAt: Day | null;
  expiresAt: Day | null;
  status: Status;
  decidedAt: Moment | null;
  daysToDecision: number | null;
  daysOpen: number | null;
  daysUntilExpiry: number | null;
  expiringSoon: boolean | null;
  acceptedLate: boolean | null;
  currency: string | null;
  amount: string | null;
  signed: boolean;
  createdAt: Moment | null;
  acceptedViaIp: string | null;
  acceptedViaUserAgent: string | null;
  raw: Partial<Record<RawColumn, string>>;
  remarks: Remark[];
};

type RawColumn = "issuedAt" | "expiresAt" | "decidedAt" | "amount" | "createdAt";

/** The offer as the end of `asOf` shows it. */
export function makeRow(offer: Offer, judgement: Judgement): Row {
  const { asOf, calendar } = judgement;
  const { status, decision, bothDecided } = judgeOffer(offer, judgement);
  const { issuedAt, expiresAt } = offer;
  const isOpen = status === "open";
  const decidedOn = decision?.at == null ? null : calendar.dayOf(decision.at);
  const daysUntilExpiry = isOpen ? daysBetween(asOf, expiresAt) : null;
  const acceptedLater = offer.acceptedAt !== null && calendar.dayOf(offer.acceptedAt) > asOf;
  const remarks: Remark[] = bothDecided ? [...offer.remarks, { code: "bothDecided" }] : offer.remarks;

  return {
    offerNumber: offer.offerNumber,
    offerId: offer.id,
    customerId: offer.customerId,
    customerName: null,
    issuedAt,
    expiresAt,
    status,
    decidedAt: decision?.at ?? null,
    daysToDecision: daysBetween(issuedAt, decidedOn),
    daysOpen: isOpen ? daysBetween(issuedAt, asOf) : null,
    daysUntilExpiry,
    expiringSoon: isSoon(isOpen, daysUntilExpiry),
    acceptedLate: isLate(status, decidedOn, expiresAt),
    currency: offer.currency,
    amount: offer.amount,
    signed: offer.signed && !acceptedLater,
    createdAt: offer.createdAt,
    acceptedViaIp: acceptedLater ? null : offer.acceptedViaIp,
    acceptedViaUserAgent: acceptedLater ? null : offer.acceptedViaUserAgent,
    raw: readRaw(offer, decision?.raw ?? null),
    remarks,
  };
}

function daysBetween(from: Day | null, to: Day | null): number | null {
  return from === null || to === null ? null : to - from;
}

function isLate(status: Status, decidedOn: Day | null, expiresAt: Day | null): boolean | null {
  if (status !== "accepted") return false;
  return decidedOn === null || expiresAt === null ? null : decidedOn > expiresAt;
}

const nothing: Row["raw"] = {};

function readRaw(offer: Offer, decidedAt: string | null): Row["raw"] {
  if (offer.remarks.length === 0) return nothing;
  const { acceptedAt: _accepted, rejectedAt: _rejected, ...raw } = offer.raw;
  return decidedAt === null ? raw : { ...raw, decidedAt };
}

/** Which offers a report lets through, and as of when it judges them. */
export type Selection = { asOf: Day; calendar: Calendar; range: IssueRange; status: ReadonlySet<Status> };

export function selectByOptions(options: Options, calendar: Calendar): Selection {
  const asOf = parseDay(options.asOf);
  if (asOf === null) throw new RangeError(`asOf is no day: ${options.asOf}`);
  return { asOf, calendar, range: resolveRange(options), status: new Set(options.status) };
}

/** The offer's row, or null where the options leave it out. */
export function selectRow(offer: Offer, selection: Selection): Row | null {
  if (!isKnownOffer(offer, selection) || !isIssuedWithin(offer, selection.range)) return null;
  const row = makeRow(offer, selection);
  if (!selection.status.has(row.status)) return null;
  if (offer.issuedAt !== null || !isBounded(selection.range)) return row;
  return { ...row, remarks: [...row.remarks, { code: "periodUnknown" }] };
}

/** An offer without a usable issue date is kept: nothing is dropped for bad data. */
export function isIssuedWithin({ issuedAt }: Offer, { from, to }: IssueRange): boolean {
  return issuedAt === null || ((from === null || issuedAt >= from) && (to === null || issuedAt <= to));
}

function isBounded({ from, to }: IssueRange): boolean {
  return from !== null || to !== null;
}
