import {
  type Calendar,
  type Day,
  formatDay,
  formatMoment,
  memoizeDayFormat,
  type Moment,
  parseDay,
} from "../basics/calendar.ts";
import {
  findLaterRemark,
  isExpiringSoon,
  isKnownOffer,
  type Judgement,
  judgeOffer,
  type Status,
} from "../offer/offer-status.ts";
import type { Offer, Remark } from "../offer/offer.ts";
import { type IssueRange, type Options, resolveRange } from "../options/export-options.ts";

/**
 * A row of the report, made from one offer. Null means that a value is unknown or does not apply. `raw` holds the
 * portal's text of values that cannot be read.
 */
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

/** The columns for which `raw` keeps the portal's text when the text cannot be read as a value. */
export type RawColumn = Exclude<keyof Offer["raw"], "acceptedAt" | "rejectedAt"> | "decidedAt";

/** Makes the row of an offer. The row shows the offer as it is at the end of the day `asOf`. */
export function makeRow(offer: Offer, judgement: Judgement): Row {
  const { asOf, calendar } = judgement;
  const { status, decision, bothDecided } = judgeOffer(offer, judgement);
  const { issuedAt, expiresAt } = offer;
  const isOpen = status === "open";
  const decidedOn = decision?.at == null ? null : calendar.dayOf(decision.at);
  const daysUntilExpiry = isOpen ? daysBetween(asOf, expiresAt) : null;
  const acceptedLater = offer.acceptedAt !== null && calendar.dayOf(offer.acceptedAt) > asOf;
  const later = findLaterRemark(offer, judgement);
  const added: Remark[] = bothDecided ? [{ code: "bothDecided" }] : [];
  if (later !== null) added.push({ code: later });

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
    expiringSoon: isExpiringSoon(isOpen, daysUntilExpiry),
    acceptedLate: isLate(status, decidedOn, expiresAt),
    currency: offer.currency,
    amount: offer.amount,
    signed: offer.signed && !acceptedLater,
    createdAt: offer.createdAt,
    acceptedViaIp: acceptedLater ? null : offer.acceptedViaIp,
    acceptedViaUserAgent: acceptedLater ? null : offer.acceptedViaUserAgent,
    raw: readRaw(offer, decision?.raw ?? null),
    remarks: added.length === 0 ? offer.remarks : [...offer.remarks, ...added],
  };
}

function daysBetween(from: Day | null, to: Day | null): number | null {
  return from === null || to === null ? null : to - from;
}

function isLate(status: Status, decidedOn: Day | null, expiresAt: Day | null): boolean | null {
  if (status !== "accepted") return false;
  return decidedOn === null || expiresAt === null ? null : decidedOn > expiresAt;
}

const noRaw: Row["raw"] = {};

function readRaw(offer: Offer, decidedAt: string | null): Row["raw"] {
  if (offer.remarks.length === 0) return noRaw;
  const { acceptedAt: _accepted, rejectedAt: _rejected, ...raw } = offer.raw;
  return decidedAt === null ? raw : { ...raw, decidedAt };
}

/**
 * Says which offers a report includes (`range` and `status`), and as of which day (`asOf`) the report judges them.
 */
export type Selection = { asOf: Day; calendar: Calendar; range: IssueRange; status: ReadonlySet<Status> };

export function selectByOptions(options: Options, calendar: Calendar): Selection {
  const asOf = parseDay(options.asOf);
  if (asOf === null) throw new RangeError(`asOf is not a date: ${options.asOf}`);
  return { asOf, calendar, range: resolveRange(options), status: new Set(options.status) };
}

/** Returns the offer's row, or null when the options exclude the offer. */
export function selectRow(offer: Offer, selection: Selection): Row | null {
  if (!isKnownOffer(offer, selection) || !isIssuedWithin(offer, selection.range)) return null;
  const row = makeRow(offer, selection);
  if (!selection.status.has(row.status)) return null;
  if (offer.issuedAt !== null || !isBounded(selection.range)) return row;
  return { ...row, remarks: [...row.remarks, { code: "periodUnknown" }] };
}

/**
 * True when the issue date is in the range, bounds included. Also true without a readable issue date, so that bad
 * data never drops an offer from a report.
 */
export function isIssuedWithin({ issuedAt }: Offer, { from, to }: IssueRange): boolean {
  return issuedAt === null || ((from === null || issuedAt >= from) && (to === null || issuedAt <= to));
}

function isBounded({ from, to }: IssueRange): boolean {
  return from !== null || to !== null;
}

/**
 * Formats a row as one line of the text that is hashed with SHA-256. The line is a JSON array of nine texts, followed
 * by a line feed. The texts are those of the machine CSV in the columns `offerNumber`, `offerId`, `customerId`,
 * `issuedAt`, `expiresAt`, `status`, `decidedAt`, `currency` and `amount`, or "" for an empty cell. The JSON is that
 * of `JSON.stringify`: no blanks, and only quotes, backslashes and control characters are escaped.
 *
 * The hash covers the UTF-8 of all lines, in the order of the rows. The hash is the same in every language and
 * format, and anybody can compute it again from the machine CSV.
 */
export function formatDigestLine(row: Row, calendar: Calendar): string {
  const { offerNumber, offerId, customerId, issuedAt, expiresAt, status, decidedAt, currency, amount } = row;
  const names = `${quoteText(offerNumber)},${quoteText(offerId)},${quoteText(customerId)}`;
  const days = `"${issuedAt === null ? "" : writeDay(issuedAt)}","${expiresAt === null ? "" : writeDay(expiresAt)}"`;
  const decided = decidedAt === null ? "" : formatMoment(decidedAt, calendar);
  return `[${names},${days},"${status}","${decided}",${quoteText(currency)},"${amount ?? ""}"]\n`;
}

/** Matches a text with quotes, backslashes, control characters or lone surrogates, some of which JSON escapes. */
const escaped = /["\\\p{Cc}\p{Cs}]/u;

/** Returns `JSON.stringify` of the text. Most texts need no escape, and finding that out is faster than the call. */
function quoteText(text: string | null): string {
  if (text === null) return '""';
  return escaped.test(text) ? JSON.stringify(replaceUnwritable(text)) : `"${text}"`;
}

/**
 * Replaces the characters that a CSV cannot hold: lone surrogates, which UTF-8 cannot encode, and NUL. A NUL makes
 * Postgres refuse the whole file, and C programs take a NUL for the end of the text.
 */
export function replaceUnwritable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "\ufffd") : whole;
}

const writeDay = memoizeDayFormat(formatDay);
