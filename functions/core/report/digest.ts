import { type Calendar, formatDay, formatMoment, rememberDays } from "../calendar.ts";
import type { Row } from "../offer/row.ts";

/**
 * A row as the SHA-256 of a report's rows counts it: a line of JSON, in UTF-8, of nine texts as the machine
 * dialect has them in the columns `offerNumber`, `offerId`, `customerId`, `issuedAt`, `expiresAt`, `status`,
 * `decidedAt`, `currency` and `amount`, empty where that has nothing. It is the same in every language and
 * format, and can be computed again from the machine CSV: the hash of these lines in the rows' order, each with
 * a line feed behind it.
 */
export function formatLine(row: Row, calendar: Calendar): string {
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
  return `${JSON.stringify(fields.map((field) => field ?? ""))}\n`;
}

const nameDay = rememberDays(formatDay);
