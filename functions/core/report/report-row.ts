import {
  type Calendar,
  type Day,
  formatDay,
  formatMoment,
  memoizeDayFormat,
  type Moment,
  parseDay,
} from "../basics/calendar.ts";
import { isSoon } from "../offer/expiry-days.ts";
import { isKnownOffer, type Judgement, judgeOffer, type Status } from "../offer/offer-status.ts";
import type { Offer, Remark } from "../offer/offer.ts";
import { type IssueRange, type Options, resolveRange } from "../options/options.ts";

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

/**
 * A row as the SHA-256 of a report's rows counts it: a line of JSON, in UTF-8, of nine texts as the machine
 * dialect has them in the columns `offerNumber`, `offerId`, `customerId`, `issuedAt`, `expiresAt`, `status`,
 * `decidedAt`, `currency` and `amount`, empty where that has nothing. It is the same in every language and
 * format, and can be computed again from the machine CSV: the hash of these lines in the rows' order, each with
 * a line feed behind it. The JSON is that of `JSON.stringify`: no blanks, and no escapes but those of quotes,
 * backslashes and control characters.
 */
export function formatDigestLine(row: Row, calendar: Calendar): string {
  const { offerNumber, offerId, customerId, issuedAt, expiresAt, status, decidedAt, currency, amount } = row;
  const fields = [
    offerNumber,
    offerId,
    customerId,
    issuedAt === null ? null : nameDay(issuedAt),
    expiresAt === null ? null : nameDay(expiresAt),
    status,
    decidedAt === null ? null : formatMoment(decidedAt, calendar),
    currency,
    amount,
  ];
  const texts = fields.map((field) => field ?? "");
  const line = JSON.stringify(texts);
  // Whatever has to be replaced is escaped in JSON, and this one look at the line is faster than nine at its texts.
  return line.includes("\\u") ? `${JSON.stringify(texts.map(replaceUnwritable))}\n` : `${line}\n`;
}

/**
 * The text as a CSV holds it. UTF-8 has no halves of surrogate pairs. With a NUL Postgres refuses the whole file, and
 * C programs see the end of it.
 */
export function replaceUnwritable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "\ufffd") : whole;
}

const nameDay = memoizeDayFormat(formatDay);
