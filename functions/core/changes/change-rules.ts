import { formatDay } from "../basics/calendar.ts";
import { compareDecimals, parseDecimal } from "../basics/decimal.ts";
import { clipText } from "../basics/safe-text.ts";
import { isKnownOffer, judgeOffer, type Status } from "../offer/offer-status.ts";
import { foldCurrency, isRecord, type Offer, parseOffer, type RawOffer } from "../offer/offer.ts";
import { isIssuedWithin, type Selection } from "../report/report-row.ts";
import { type ChangeKind, changeKinds, type OfferVersion } from "./change-kinds.ts";

type ReportStatus = { status: Status; isRow: boolean };

/**
 * An offer's state in a report: its status, whether the offer has a row in the report, and the values that are
 * compared with another report. The currency is normalised by `foldCurrency`.
 */
export type OfferState = ReportStatus &
  Pick<Offer, "offerNumber" | "customerId" | "currency" | "amount" | "issuedAt" | "expiresAt">;

/**
 * Returns, as one text, the fields that decide an offer's state in a report. For the same selection, equal texts give
 * equal states.
 */
export function readStateFacts(given: RawOffer): string {
  const source = isRecord(given) ? given : {};
  return JSON.stringify([
    source["offerNumber"],
    source["customerId"],
    source["issuedAt"],
    source["expiresAt"],
    source["currency"],
    source["amount"],
    source["acceptedAt"],
    source["rejectedAt"],
    source["createdAt"],
  ]);
}

/** Returns an offer's state in a report; null when the offer was created and issued after the report's day. */
export function readOfferState(facts: string, selection: Selection): OfferState | null {
  const given: unknown[] = JSON.parse(facts);
  const [offerNumber, customerId, issuedAt, expiresAt, currency, amount, acceptedAt, rejectedAt, createdAt] =
    given;
  const dates = { issuedAt, expiresAt, acceptedAt, rejectedAt, createdAt };
  const offer = parseOffer({ ...dates, offerNumber, customerId, currency, amount }, selection.calendar);
  const reportStatus = findReportStatus(offer, selection);
  return (
    reportStatus && {
      ...reportStatus,
      offerNumber: clipText(offer.offerNumber),
      customerId: clipText(offer.customerId),
      currency: foldCurrency(offer.currency),
      amount: offer.amount,
      issuedAt: offer.issuedAt,
      expiresAt: offer.expiresAt,
    }
  );
}

function findReportStatus(offer: Offer, selection: Selection): ReportStatus | null {
  if (!isKnownOffer(offer, selection)) return null;
  const { status } = judgeOffer(offer, selection);
  return { status, isRow: selection.status.has(status) && isIssuedWithin(offer, selection.range) };
}

/**
 * True when two reports as of different days differ about an offer that has not changed. Either the offer's status
 * differs, or only one of the two reports has a row for the offer.
 */
export function hasChangedByDay(offer: Offer, before: Selection, after: Selection): boolean {
  if (before.asOf === after.asOf) return false;
  const then = findReportStatus(offer, before);
  const now = findReportStatus(offer, after);
  return then?.status !== now?.status || then?.isRow !== now?.isRow;
}

/**
 * Returns true when an offer has one kind of change between two reports. Null stands for an offer that a report does
 * not know.
 */
type ChangeRule = (before: OfferState | null, after: OfferState | null) => boolean;

/** The rule for each kind of change. The compiler requires a rule for every kind. */
const changeRules: Record<ChangeKind, ChangeRule> = {
  new: (before) => before === null,
  accepted: hasBecome("accepted"),
  rejected: hasBecome("rejected"),
  expired: hasBecome("expired"),
  reopened: (before, after) => before !== null && before.status !== "open" && after?.status === "open",
  gone: (_, after) => after === null,
  amount: (before, after) => before !== null && after !== null && !isSameAmount(before, after),
  dates: (before, after) =>
    before !== null &&
    after !== null &&
    (before.issuedAt !== after.issuedAt || before.expiresAt !== after.expiresAt),
};

/**
 * Returns the kinds of an offer's changes, in the order of `changeKinds`; none when neither report has a row for the
 * offer.
 */
export function findChangeKinds(before: OfferState | null, after: OfferState | null): ChangeKind[] {
  if (!before?.isRow && !after?.isRow) return [];
  return changeKinds.filter((kind) => changeRules[kind](before, after));
}

function hasBecome(status: Status): ChangeRule {
  return (before, after) => after?.status === status && before?.status !== status;
}

function isSameAmount(before: OfferState, after: OfferState): boolean {
  if (before.amount === null || after.amount === null) return before.amount === after.amount;
  if (before.currency !== after.currency) return false;
  return compareDecimals(parseDecimal(before.amount), parseDecimal(after.amount)) === 0;
}

export function describeOfferVersion({
  status,
  currency,
  amount,
  issuedAt,
  expiresAt,
}: OfferState): OfferVersion {
  return {
    status,
    currency,
    amount: clipText(amount),
    issuedAt: issuedAt === null ? null : formatDay(issuedAt),
    expiresAt: expiresAt === null ? null : formatDay(expiresAt),
  };
}
