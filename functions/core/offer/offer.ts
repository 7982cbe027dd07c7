import Big from "big.js";
import { type Day, type Moment, parseDay, parseMoment } from "../calendar.ts";
import type { Remark } from "./remark.ts";

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
export function parseOffer(given: RawOffer): Offer {
  const source = isRecord(given) ? given : {};
  const raw: Offer["raw"] = {};
  const remarks: Remark[] = isRecord(given) ? [] : [{ code: "notAnOffer", text: String(readText(given)) }];

  function required(field: string): string | null {
    const text = readText(source[field]);
    if (text === null && isRecord(given)) remarks.push({ code: "missing", field });
    return text;
  }

  function read<T>(field: ReadField, text: string | null, parse: (text: string) => T | null): T | null {
    if (text === null) return null;
    const value = parse(text.trim());
    if (value !== null) return value;
    raw[field] = text;
    remarks.push({ code: "unreadable", field, text });
    return null;
  }

  return {
    id: required("id"),
    customerId: required("customerId"),
    offerNumber: required("offerNumber"),
    issuedAt: read("issuedAt", required("issuedAt"), parseDay),
    expiresAt: read("expiresAt", required("expiresAt"), parseDay),
    currency: required("currency"),
    amount: read("amount", required("amount"), parseAmount),
    acceptedAt: read("acceptedAt", readText(source["acceptedAt"]), parseMoment),
    acceptedViaIp: readText(source["acceptedViaIp"]),
    acceptedViaUserAgent: readText(source["acceptedViaUserAgent"]),
    signed: isSigned(source["acceptanceSignature"]),
    rejectedAt: read("rejectedAt", readText(source["rejectedAt"]), parseMoment),
    createdAt: read("createdAt", required("createdAt"), parseMoment),
    raw,
    remarks,
  };
}

/** The id of an offer or a customer, or null where the portal gave none that could tell it from others. */
export function readId(given: unknown): string | null {
  return isRecord(given) ? readText(given["id"]) : null;
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
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text)) return null;
  const decimals = /^[^.]*\.(\d+)$/.exec(text)?.[1]?.length;
  return new Big(text.replace("+", "")).toFixed(decimals);
}

/** In a snapshot the image has become `true`. */
function isSigned(given: unknown): boolean {
  return given === true || (typeof given === "string" && given !== "");
}

export function isRecord(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

export function readText(given: unknown): string | null {
  if (given === undefined || given === null || given === "") return null;
  return typeof given === "string" ? given : (JSON.stringify(given) ?? null);
}
