import { statuses } from "../../core/offer/offer-status.ts";
import type { RequestOptions, ShownExport } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import type { PageLocale } from "../words/page-format.ts";

export function describeRequest(request: RequestOptions, locale: PageLocale): string {
  const { sentence } = locale.words;
  return [
    sentence.formats[request.format === "csv" ? (request.dialect ?? "excel") : "xlsx"],
    describePeriod(request, locale),
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
