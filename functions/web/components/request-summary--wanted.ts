import { dayOf } from "../client/browser-storage--calendar.ts";
import type { Export, Wanted } from "../client/api-client.ts";

/**
 * What to ask for to get the same anew. A day of judgement that was that of the request is left out: it goes
 * along with the calendar.
 */
export function wantAgain({ options, createdAt }: Pick<Export, "options" | "createdAt">): Wanted {
  const { dialect, period, issuedFrom, issuedTo, asOf, ...rest } = options;
  return {
    ...rest,
    ...(dialect !== null && { dialect }),
    ...(period !== null && { period }),
    ...(issuedFrom !== null && { issuedFrom }),
    ...(issuedTo !== null && { issuedTo }),
    ...(asOf !== dayOf(createdAt) && { asOf }),
  };
}
