import Big from "big.js";
import type { Calendar, Day, Moment } from "../basics/calendar.ts";
import { clipText, tidyText } from "../basics/safe-text.ts";
import { readDate, readDecision, type Reading, readMoment, saysNone, unfoldDate } from "./date-values.ts";

/** An offer as the portal gave it, unknown fields and oddities included. */
export type RawOffer = unknown;

/** An offer, read. A field that was there but could not be read is null, and its text stands in `raw`. */
export type Offer = {
  id: string | null;
  customerId: string | null;
  offerNumber: string | null;
  issuedAt: Day | null;
  expiresAt: Day | null;
  currency: string | null;
  /** A plain decimal with the digits that the portal gave. */
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

/** Reads whatever the portal gave: nothing is refused, oddities become remarks. */
export function parseOffer(given: RawOffer, calendar: Calendar): Offer {
  const source = isRecord(given) ? given : {};
  const raw: Offer["raw"] = {};
  const remarks: Remark[] = isRecord(given) ? [] : [{ code: "notAnOffer", text: showValue(given) }];

  function required(field: string): string | null {
    const text = readOfferText(unfoldDate(source[field]));
    if (text === null && isRecord(given)) remarks.push({ code: "missing", field });
    return text;
  }

  function take(field: ReadField, text: string | null, read: Read): number | null {
    if (text === null) return null;
    const { value, remark } = read(text.trim(), calendar);
    if (remark !== null) remarks.push({ code: remark, field, text });
    if (remark === "unreadable" || (remark === "placeholder" && read !== readDecision)) raw[field] = text;
    return value;
  }

  function takeAmount(text: string | null): string | null {
    const amount = text === null ? null : (parseAmount(text.trim()) ?? parseAmount(tidyText(text)));
    if (text === null || amount !== null) return amount;
    raw.amount = text;
    remarks.push({ code: "unreadable", field: "amount", text });
    return null;
  }

  return {
    id: required("id"),
    customerId: required("customerId"),
    offerNumber: required("offerNumber"),
    issuedAt: take("issuedAt", required("issuedAt"), readDate),
    expiresAt: take("expiresAt", required("expiresAt"), readDate),
    currency: required("currency"),
    amount: takeAmount(required("amount")),
    acceptedAt: take("acceptedAt", readAnything(source["acceptedAt"]), readDecision),
    acceptedViaIp: readOfferText(source["acceptedViaIp"]),
    acceptedViaUserAgent: readOfferText(source["acceptedViaUserAgent"]),
    signed: isSigned(source["acceptanceSignature"]),
    rejectedAt: take("rejectedAt", readAnything(source["rejectedAt"]), readDecision),
    createdAt: take("createdAt", required("createdAt"), readMoment),
    raw,
    remarks,
  };
}

type Read = (text: string, calendar: Calendar) => Reading;

/** The id of an offer or a customer, or null where the portal gave none that could tell it from others. */
export function readId(given: unknown): string | null {
  return isRecord(given) ? readOfferText(given["id"]) : null;
}

const personalFields = ["acceptedViaIp", "acceptedViaUserAgent"] as const;

/** What a snapshot may hold: never the signature's image, and personal data only as evidence. */
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

/** In a snapshot the image has become `true`. */
function isSigned(given: unknown): boolean {
  const text = readOfferText(given);
  return text !== null && !(text.length < shortestImageUnits && saysNone(text));
}

/** A PNG of one pixel takes more in base64. */
const shortestImageUnits = 64;

export function isRecord(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** The value as text; null for what is empty, of whatever JSON type, and for `false`, which PHP gives for none. */
export function readOfferText(given: unknown): string | null {
  if (given === undefined || given === null || given === false) return null;
  if (typeof given === "string") return /\S/.test(given) ? given : null;
  if (typeof given === "number") return String(given);
  return isEmpty(given) ? null : showValue(given);
}

function isEmpty(given: unknown): boolean {
  return typeof given === "object" && given !== null && Object.keys(given).length === 0;
}

/** The same, but an empty list or object is told: of a decision even those need a remark. */
function readAnything(given: unknown): string | null {
  return isEmpty(given) ? showValue(given) : readOfferText(unfoldDate(given));
}

function showValue(given: unknown): string {
  return typeof given === "string" ? given : (JSON.stringify(given) ?? "");
}

/** What was odd: about one offer, or (those without an offer) about the whole report. */
export type Remark =
  | { code: "missing"; field: string }
  | { code: "unreadable"; field: string; text: string }
  /** A date that stands for none, such as one of zeros, or a word for it where a decision should be. */
  | { code: "placeholder"; field: string; text: string }
  | { code: "noOffset"; field: string; text: string }
  | { code: "notAnOffer"; text: string }
  | { code: "bothDecided" }
  | { code: "periodUnknown" }
  | { code: "textCut"; field: string }
  | { code: "amountTooPrecise" };

export type RemarkCode = Remark["code"];

const isoCode = /^[A-Z]{3}$/;
const known = new Map<string, string | null>();
const maxKnown = 1000;
const maxKnownUnits = 100;

/**
 * The currency as sums are made in it: texts that differ only in case, width, blanks or what cannot be seen are one.
 * Null where nothing is to be seen.
 */
export function foldCurrency(currency: string | null): string | null {
  if (currency === null || isoCode.test(currency)) return currency;
  const found = known.get(currency);
  if (found !== undefined) return found;
  const folded = clipText(tidyText(currency.normalize("NFKC")).replaceAll(" ", "").toUpperCase()) || null;
  if (known.size >= maxKnown) known.clear();
  if (currency.length <= maxKnownUnits) known.set(currency, folded);
  return folded;
}

export function isIsoCode(currency: string | null): currency is string {
  return currency !== null && isoCode.test(currency);
}
