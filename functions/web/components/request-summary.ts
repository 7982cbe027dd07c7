import { statuses } from "../../core/offer/offer-status.ts";
import type { RequestOptions, ShownExport } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import type { PageLocale } from "../words/page-format.ts";
import { findPeriodMonths } from "./period-months.ts";

/**
 * Describes a request in words. `asOf` is the day from which a period such as the last month is counted. It is null for
 * a permanent link whose period moves along with the days.
 */
export function describeRequest(
  request: RequestOptions,
  locale: PageLocale,
  asOf: string | null = request.asOf ?? null,
): string {
  const { sentence } = locale.words;
  return [
    sentence.formats[request.format === "csv" ? (request.dialect ?? "excel") : "xlsx"],
    describePeriod(request, locale, asOf),
    describeStatuses(request, locale),
    request.asOf === undefined ? "" : sentence.asOf(locale.format.day(request.asOf)),
    request.language === undefined ? "" : sentence.languages[request.language],
    request.customers === false ? sentence.noCustomers : "",
    request.evidence === true ? sentence.evidence : "",
    request.columns === undefined ? "" : sentence.columns(request.columns.length),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function describePeriod(
  { period, issuedFrom, issuedTo }: RequestOptions,
  locale: PageLocale,
  asOf: string | null,
): string {
  const { words, format } = locale;
  const { sentence, form } = words;
  const names: Record<string, string> = form.periods;
  if (period !== undefined && names[period] !== undefined)
    return [names[period], ...describePeriodMonths(period, asOf, locale)].join(" ");
  if (period !== undefined) return period.length === 7 ? format.month(period) : period;
  if (issuedFrom !== undefined && issuedTo !== undefined)
    return sentence.between(format.day(issuedFrom), format.day(issuedTo));
  if (issuedFrom !== undefined) return sentence.from(format.day(issuedFrom));
  return issuedTo === undefined ? sentence.all : sentence.to(format.day(issuedTo));
}

/** Names the months of a period that is counted from a day, such as `(november 2026)`. Empty for any other period. */
export function describePeriodMonths(
  period: string,
  asOf: string | null,
  { words, format }: PageLocale,
): string[] {
  const months = asOf === null || /^\d/.test(period) ? null : findPeriodMonths(period, asOf);
  if (months === null) return [];
  const { first, last } = months;
  if (first === last) return [`(${format.month(first)})`];
  if (first.endsWith("-01") && last.endsWith("-12")) return [`(${first.slice(0, 4)})`];
  return [`(${words.sentence.between(format.monthName(first), format.month(last))})`];
}

/** Describes the request of an export. A period is counted from the day that the export is about. */
export function describeExport(seen: Pick<ShownExport, "options" | "createdAt">, locale: PageLocale): string {
  return describeRequest(repeatRequest(seen), locale, seen.options.asOf);
}

function describeStatuses({ status = [...statuses] }: RequestOptions, { words }: PageLocale): string {
  if (status.length === statuses.length) return words.sentence.allStatuses;
  if (status.length === 0) return words.sentence.noStatus;
  return words.sentence.only(status.map((name) => words.statuses[name].toLowerCase()).join(", "));
}

/**
 * Returns the options that give the same report again. Leaves out an `asOf` that was the day of the request, so that
 * the new report is about the day of the new request.
 */
export function repeatRequest({
  options,
  createdAt,
}: Pick<ShownExport, "options" | "createdAt">): RequestOptions {
  const { dialect, period, issuedFrom, issuedTo, asOf, columns, ...rest } = options;
  return {
    ...rest,
    ...(dialect !== null && { dialect }),
    ...(period !== null && { period }),
    ...(issuedFrom !== null && { issuedFrom }),
    ...(issuedTo !== null && { issuedTo }),
    ...(columns !== null && { columns }),
    ...(asOf !== calendarDayOf(createdAt) && { asOf }),
  };
}
