import { statuses } from "../../core/offer/offer-status.ts";
import type { RequestOptions, ShownExport } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import type { PageLocale } from "../words/page-format.ts";

/** What was asked for, in words that fit behind one another. */
export function describeRequest(wanted: RequestOptions, speech: PageLocale): string {
  const { sentence } = speech.words;
  return [
    sentence.formats[wanted.format === "csv" ? (wanted.dialect ?? "excel") : "xlsx"],
    describePeriod(wanted, speech),
    describeStatuses(wanted, speech),
    wanted.asOf === undefined ? "" : sentence.asOf(speech.format.day(wanted.asOf)),
    wanted.language === undefined ? "" : sentence.languages[wanted.language],
    wanted.customers === false ? sentence.noCustomers : "",
    wanted.evidence === true ? sentence.evidence : "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function describePeriod(
  { period, issuedFrom, issuedTo }: RequestOptions,
  { words, format }: PageLocale,
): string {
  const { sentence, form } = words;
  const names: Record<string, string> = form.periods;
  if (period !== undefined) return names[period] ?? (period.length === 7 ? format.month(period) : period);
  if (issuedFrom !== undefined && issuedTo !== undefined)
    return sentence.between(format.day(issuedFrom), format.day(issuedTo));
  if (issuedFrom !== undefined) return sentence.from(format.day(issuedFrom));
  return issuedTo === undefined ? sentence.all : sentence.to(format.day(issuedTo));
}

function describeStatuses({ status = [...statuses] }: RequestOptions, { words }: PageLocale): string {
  if (status.length === statuses.length) return words.sentence.allStatuses;
  return words.sentence.only(status.map((name) => words.statuses[name].toLowerCase()).join(", "));
}

/**
 * What to ask for to get the same anew. A day of judgement that was that of the request is left out: it goes
 * along with the calendar.
 */
export function repeatRequest({
  options,
  createdAt,
}: Pick<ShownExport, "options" | "createdAt">): RequestOptions {
  const { dialect, period, issuedFrom, issuedTo, asOf, ...rest } = options;
  return {
    ...rest,
    ...(dialect !== null && { dialect }),
    ...(period !== null && { period }),
    ...(issuedFrom !== null && { issuedFrom }),
    ...(issuedTo !== null && { issuedTo }),
    ...(asOf !== calendarDayOf(createdAt) && { asOf }),
  };
}
