import { calendarDayOf } from "../client/browser-storage--calendar.ts";
import type { ShownExport, RequestOptions } from "../client/api-client.ts";

/**
 * What to ask for to get the same anew. A day of judgement that was that of the request is left out: it goes
 * along with the calendar.
 */
export function repeatRequest({ options, createdAt }: Pick<ShownExport, "options" | "createdAt">): RequestOptions {
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
