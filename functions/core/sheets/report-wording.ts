import { type Day, formatDay } from "../basics/calendar.ts";
import { arrangeDate } from "./csv-dialect.ts";
import type { Locale } from "../language/locale.ts";
import type { Options } from "../options/options.ts";
import { type IssueRange, resolveRange } from "../options/options--period.ts";
import { statuses } from "../offer/offer-status.ts";

/** Which offers the options let through, in words. */
export function describeFilter(options: Options, locale: Locale): string {
  const { filter, statuses: names } = locale;
  const parts = [
    hasEveryStatus(options) ? null : filter.describeStatuses(options.status.map((status) => names[status])),
    describeRange(resolveRange(options), locale),
  ].filter((part) => part !== null);
  return parts.length === 0 ? filter.all : parts.join("; ");
}

export function hasEveryStatus({ status }: Options): boolean {
  return status.length === statuses.length;
}

function describeRange({ from, to }: IssueRange, locale: Locale): string | null {
  const name = (day: Day) => arrangeDate(formatDay(day), locale);
  if (from !== null && to !== null) return locale.filter.issuedBetween(name(from), name(to));
  if (from !== null) return locale.filter.issuedFrom(name(from));
  return to === null ? null : locale.filter.issuedTo(name(to));
}
