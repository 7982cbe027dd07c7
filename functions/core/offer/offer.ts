import Big from "big.js";
import type { Calendar, Day, Moment } from "../basics/calendar.ts";
import { clipText, tidyText } from "../basics/safe-text.ts";
import { readDate, readDecision, type Reading, readMoment, saysNone, unfoldDate } from "./date-values.ts";

/** An offer as the portal gave it. It may have unknown fields and unexpected values. */
export type RawOffer = unknown;

/** A parsed offer. A field that cannot be read is null, and `raw` holds the portal's text of this field. */
export type Offer = {
  id: string | null;
  customerId: string | null;
  offerNumber: string | null;
  issuedAt: Day | null;
  expiresAt: Day | null;
  currency: string | null;
  /** A plain decimal number, with as many decimals as the portal gave. */
  amount: string | null;
  acceptedAt: Moment | null;
  acceptedViaIp: string | null;
  acceptedViaUserAgent: string | null;
  signed: boolean;
  rejectedAt: Moment | null;
  createdAt: Moment | null;
  raw: Partial<Record<ReadField, string>>;
  remarks: Remark[];
};

type ReadField = "issuedAt" | "expiresAt" | "amount" | "acceptedAt" | "rejectedAt" | "createdAt";

/** Parses an offer from any value that the portal gives. Never fails: unexpected values become remarks. */
export function parseOffer(given: RawOffer, calendar: Calendar): Offer {
  const source = isRecord(given) ? given : {};
  const raw: Offer["raw"] = {};
  const remarks: Remark[] = isRecord(given) ? [] : [{ code: "notAnOffer", text: showValue(given) }];

  function readRequired(field: string): string | null {
    const text = readOfferText(unfoldDate(source[field]));
    if (text === null && isRecord(given)) remarks.push({ code: "missing", field });
    return text;
  }

  function readDated(field: ReadField, text: string | null, read: ReadDate): number | null {
    if (text === null) return null;
    const { value, remark } = read(text.trim(), calendar);
    if (remark !== null) remarks.push({ code: remark, field, text });
    if (remark === "unreadable" || (remark === "placeholder" && read !== readDecision)) raw[field] = text;
    return value;
  }

  function readAmount(text: string | null): string | null {
    const amount = text === null ? null : (parseAmount(text.trim()) ?? parseAmount(tidyText(text)));
    if (text === null || amount !== null) return amount;
    raw.amount = text;
    remarks.push({ code: "unreadable", field: "amount", text });
    return null;
  }

  return {
    id: readRequired("id"),
    customerId: readRequired("customerId"),
    offerNumber: readRequired("offerNumber"),
    issuedAt: readDated("issuedAt", readRequired("issuedAt"), readDate),
    expiresAt: readDated("expiresAt", readRequired("expiresAt"), readDate),
    currency: readRequired("currency"),
    amount: readAmount(readRequired("amount")),
    acceptedAt: readDated("acceptedAt", readDecisionText(source["acceptedAt"]), readDecision),
    acceptedViaIp: readOfferText(source["acceptedViaIp"]),
    acceptedViaUserAgent: readOfferText(source["acceptedViaUserAgent"]),
    signed: isSigned(source["acceptanceSignature"]),
    rejectedAt: readDated("rejectedAt", readDecisionText(source["rejectedAt"]), readDecision),
    createdAt: readDated("createdAt", readRequired("createdAt"), readMoment),
    raw,
    remarks,
  };
}

type ReadDate = (text: string, calendar: Calendar) => Reading;

/** Returns the id of an offer or a customer; null when the portal gives none. */
export function readId(given: unknown): string | null {
  return isRecord(given) ? readOfferText(given["id"]) : null;
}

const personalFields = ["acceptedViaIp", "acceptedViaUserAgent"] as const;

/**
 * Removes the data that a snapshot must not hold. The image of the signature is replaced by true or false, which
 * says whether the offer is signed. The fields in `personalFields` stay only when `evidence` is true.
 */
export function redactOffer(given: RawOffer, evidence: boolean): RawOffer {
  if (!isRecord(given)) return given;
  const kept: Record<string, unknown> = { ...given };
  if ("acceptanceSignature" in given) kept["acceptanceSignature"] = isSigned(given["acceptanceSignature"]);
  if (!evidence) for (const field of personalFields) delete kept[field];
  return kept;
}

function parseAmount(text: string): string | null {
  if (/^(0|[1-9]\d*)(\.\d+)?$/.test(text)) return text;
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text)) return null;
  const decimals = /^[^.]*\.(\d+)$/.exec(text)?.[1]?.length;
  return new Big(text.replace("+", "")).toFixed(decimals);
}

/**
 * True when the offer is signed. `given` is the image of the signature, or a boolean when the offer comes from a
 * snapshot.
 */
function isSigned(given: unknown): boolean {
  if (typeof given === "boolean") return given;
  const text = readOfferText(given);
  return text !== null && !(text.length < minImageUnits && saysNone(text));
}

/**
 * A text with fewer UTF-16 units than this may be a word for "no signature". An image is longer: even a PNG of one
 * pixel has more than 64 characters in base64.
 */
const minImageUnits = 64;

export function isRecord(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/**
 * Returns the value of an offer's field as text. Returns null for an empty value of any JSON type, and for `false`,
 * which PHP gives for a missing value.
 */
export function readOfferText(given: unknown): string | null {
  if (given === undefined || given === null || given === false) return null;
  if (typeof given === "string") return /\S/.test(given) ? given : null;
  if (typeof given === "number") return String(given);
  return isEmpty(given) ? null : showValue(given);
}

function isEmpty(given: unknown): boolean {
  return typeof given === "object" && given !== null && Object.keys(given).length === 0;
}

/**
 * Returns the moment of a decision as text, like `readOfferText`. But an empty list or object becomes text, too, so
 * that the report has a remark about it.
 */
function readDecisionText(given: unknown): string | null {
  return isEmpty(given) ? showValue(given) : readOfferText(unfoldDate(given));
}

function showValue(given: unknown): string {
  return typeof given === "string" ? given : (JSON.stringify(given) ?? "");
}

/** Something unexpected about an offer, which the report mentions. */
export type Remark =
  | { code: "missing"; field: string }
  | { code: "unreadable"; field: string; text: string }
  /** A text that stands for no date, such as zeros, or `none` as the moment of a decision. */
  | { code: "placeholder"; field: string; text: string }
  | { code: "noOffset"; field: string; text: string }
  | { code: "notAnOffer"; text: string }
  | { code: "bothDecided" }
  /** Created after the report's day, and issued on an unknown day, or the other way round. The report includes it. */
  | { code: "createdLater" }
  | { code: "issuedLater" }
  | { code: "periodUnknown" }
  | { code: "textCut"; field: string }
  | { code: "amountTooPrecise" };

export type RemarkCode = Remark["code"];

const isoCode = /^[A-Z]{3}$/;
/**
 * The results of `foldCurrency`. They are kept because computing them is slow. They are few, because a portal has few
 * currencies.
 */
const foldedCurrencies = new Map<string, string | null>();
const maxFolded = 1000;
const maxFoldedUnits = 100;

/**
 * Returns the name under which the amounts in a currency are added up. Texts that differ only in case, width,
 * blanks or invisible characters get the same name. Returns null when the text has no visible character.
 */
export function foldCurrency(currency: string | null): string | null {
  if (currency === null || isoCode.test(currency)) return currency;
  const found = foldedCurrencies.get(currency);
  if (found !== undefined) return found;
  const folded = clipText(tidyText(currency.normalize("NFKC")).replaceAll(" ", "").toUpperCase()) || null;
  if (foldedCurrencies.size >= maxFolded) foldedCurrencies.clear();
  if (currency.length <= maxFoldedUnits) foldedCurrencies.set(currency, folded);
  return folded;
}

export function isIsoCode(currency: string | null): currency is string {
  return currency !== null && isoCode.test(currency);
}
