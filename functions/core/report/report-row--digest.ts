import { type Calendar, formatDay, formatMoment, memoizeDayFormat } from "../basics/calendar.ts";
import type { Row } from "./report-row.ts";

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
