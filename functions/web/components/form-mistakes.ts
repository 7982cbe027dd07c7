import type { RequestOptions } from "../client/api-client.ts";
import type { PageWords } from "../words/page-dutch.ts";

export type Mistake = keyof PageWords["form"]["mistakes"];

/**
 * Finds what is wrong with the options of the form, by the parameter that the server would name. The server decides
 * what is valid. This function only tells which text fits, and when an error may go away.
 */
export function findMistakes(
  { issuedFrom, issuedTo, status, asOf, columns }: RequestOptions,
  today: string,
): Map<string, Mistake> {
  const found = new Map<string, Mistake>();
  if (issuedFrom === "") found.set("issuedFrom", "daysMissing");
  else if (issuedFrom !== undefined && issuedTo !== undefined && issuedFrom > issuedTo)
    found.set("issuedFrom", "daysReversed");
  if (status?.length === 0) found.set("status", "noStatus");
  if (asOf === "") found.set("asOf", "asOfMissing");
  else if (asOf !== undefined && asOf > today) found.set("asOf", "asOfAhead");
  if (columns?.length === 0) found.set("columns", "noColumns");
  return found;
}

const [firstUsualYear, lastUsualYear] = [1900, 2100];

/**
 * Returns the year of a day that is probably mistyped; null for any other year. The server accepts such a year, because
 * a portal may have an offer with that date.
 */
export function findOddYear(day: string): number | null {
  if (!/^\d{4}-/.test(day)) return null;
  const year = Number(day.slice(0, 4));
  return year < firstUsualYear || year > lastUsualYear ? year : null;
}
