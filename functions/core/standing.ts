import { type Day, formatDay } from "./calendar.ts";
import type { ChangeKind, Version } from "./changes.ts";
import { compareDecimals, parseDecimal } from "./decimal.ts";
import { clipText } from "./fit.ts";
import type { Offer } from "./offer.ts";
import { isIssuedWithin, type Selection } from "./report.ts";
import { isKnown, judgeOffer, type Status } from "./status.ts";

/** How an offer stands in a report, or beside it: not every offer of the portal is a row. */
export type Standing = {
  isRow: boolean;
  status: Status;
  currency: string | null;
  amount: string | null;
  issuedAt: Day | null;
  expiresAt: Day | null;
  offerNumber: string | null;
  customerId: string | null;
};

type Packed = [
  isRow: boolean,
  status: Status,
  currency: string | null,
  amount: string | null,
  issuedAt: Day | null,
  expiresAt: Day | null,
  offerNumber: string | null,
  customerId: string | null,
];

/** Of an offer that the portal has, but of which the report's day knows nothing yet. */
export const unknownStanding = "";

/** As a short text, which is the same where nothing has changed. */
export function packStanding(offer: Offer, selection: Selection): string {
  if (!isKnown(offer, selection)) return unknownStanding;
  const { status } = judgeOffer(offer, selection);
  const { currency, amount, issuedAt, expiresAt, offerNumber, customerId } = offer;
  const isRow = selection.status.has(status) && isIssuedWithin(offer, selection.range);
  const packed: Packed = [
    isRow,
    status,
    clipText(currency),
    amount,
    issuedAt,
    expiresAt,
    clipText(offerNumber),
    clipText(customerId),
  ];
  return JSON.stringify(packed);
}

export function unpackStanding(text: string): Standing {
  const packed: Packed = JSON.parse(text);
  const [isRow, status, currency, amount, issuedAt, expiresAt, offerNumber, customerId] = packed;
  return { isRow, status, currency, amount, issuedAt, expiresAt, offerNumber, customerId };
}

/** What happened to an offer that at least one of the reports has as a row. */
export function findKinds(before: Standing | null, after: Standing | null): ChangeKind[] {
  if (!before?.isRow && !after?.isRow) return [];
  if (after === null) return ["gone"];
  if (before === null) return after.status === "open" ? ["new"] : ["new", after.status];
  const kinds: ChangeKind[] = [];
  if (before.status !== after.status) kinds.push(after.status === "open" ? "reopened" : after.status);
  if (!isSameAmount(before, after)) kinds.push("amount");
  if (before.issuedAt !== after.issuedAt || before.expiresAt !== after.expiresAt) kinds.push("dates");
  return kinds;
}

function isSameAmount(before: Standing, after: Standing): boolean {
  if (before.amount === null || after.amount === null) return before.amount === after.amount;
  if (before.currency !== after.currency) return false;
  return compareDecimals(parseDecimal(before.amount), parseDecimal(after.amount)) === 0;
}

export function describeVersion({ status, currency, amount, issuedAt, expiresAt }: Standing): Version {
  return {
    status,
    currency,
    amount: clipText(amount),
    issuedAt: issuedAt === null ? null : formatDay(issuedAt),
    expiresAt: expiresAt === null ? null : formatDay(expiresAt),
  };
}
