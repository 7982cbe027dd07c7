import * as z from "zod";
import { wholeNumber } from "../basics/stored-values.ts";
import type { Customer } from "./customer.ts";

/**
 * A customer's id, the newest name that the portal gave, and the time of the customer's last lookup in ms since
 * 1970. The name is null when the portal has never given one.
 */
const Entry = z.tuple([z.string(), z.string().nullable(), z.number()]);
type Entry = z.infer<typeof Entry>;

/**
 * The names of one portal's customers, shared by all exports from this portal.
 *
 * Example: an export looks up the name of customer `cus_1` on 1 March. Until 31 March, reports use this name without a
 * request. After that, the next export that needs the name looks it up again. The cache keeps the name for 400 days
 * after the last lookup, even when the portal no longer has the name.
 */
export const NameCache = z.object({
  /** The known customers. This is a list and not an object, because a customer's id may be `__proto__`. */
  customers: z.array(Entry),
  /**
   * The number of pages that the portal's list of customers had when an export last read the list to its end; null when
   * no export has done so.
   */
  pages: wholeNumber.nullable(),
  /**
   * Where to continue the list of customers when only a part has been read: the next page, and the time at which the
   * reading began, in ms since 1970. Null when no list has been read in part.
   */
  cutOff: z.object({ nextPage: wholeNumber, sinceMs: z.number() }).nullable(),
  /** The ids of customers whose last lookup failed. */
  failed: z.array(z.string()),
});
export type NameCache = z.infer<typeof NameCache>;

export const emptyNameCache: NameCache = { customers: [], pages: null, cutOff: null, failed: [] };

const dayMs = 86_400_000;
/** For this long after a lookup, the name is used without a new request. Customers are seldom renamed. */
const freshMs = 30 * dayMs;
/**
 * The cache removes a customer this long after the customer's last lookup, unless an export still needs the name. The
 * bucket keeps exports for the same time.
 */
const keptMs = 400 * dayMs;

/**
 * A customer without a name is looked up again after this time. The time is short, because the missing name may be a
 * mistake of the portal.
 */
const freshNamelessMs = dayMs;

/** Returns the ids of the customers that need no new lookup, because their last lookup is recent. */
export function listFreshNames({ customers }: NameCache, nowMs: number): Set<string> {
  const isFresh = ([, name, atMs]: Entry) =>
    !isAhead(atMs, nowMs) && nowMs - atMs < (name === null ? freshNamelessMs : freshMs);
  return new Set(customers.filter(isFresh).map(([id]) => id));
}

/** True for a time more than a day in the future, which only a wrong clock can have written. */
function isAhead(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + dayMs;
}

/**
 * Returns the ids that are not in `known`. Ids whose last lookup failed come last, so that they do not delay the
 * lookups of other customers.
 */
export function listMissingNames(
  { failed }: NameCache,
  ids: string[],
  known: ReadonlySet<string>,
): Set<string> {
  const missing = ids.filter((id) => !known.has(id));
  const hasFailed = new Set(failed);
  return new Set([
    ...missing.filter((id) => !hasFailed.has(id)),
    ...missing.filter((id) => hasFailed.has(id)),
  ]);
}

/**
 * Returns the page from which to read the list of customers. This is page 1, unless an export began to read the
 * list less than 30 days ago and read only a part of it.
 */
export function findResumePage({ cutOff }: NameCache, nowMs: number): number {
  const isUsable = cutOff !== null && Math.abs(nowMs - cutOff.sinceMs) < freshMs;
  return isUsable ? cutOff.nextPage : 1;
}

export type LookupResult = {
  customers: Customer[];
  /** The number of pages of the list of customers; null when the list was not read to its end. */
  pages: number | null;
  /** The number of a page of the list of customers. This lookup or earlier ones have read all pages before it. */
  nextPage: number;
  /** The ids of customers whose lookup failed. */
  failed: string[];
  /** The ids of customers that stay in the cache, however long ago their last lookup was. */
  needed: ReadonlySet<string>;
};

/**
 * Adds to the cache the names that the portal gave at `nowMs`. When the portal no longer has a customer's name, for
 * example because the customer was deleted, the cache keeps the name that it has. The cache also keeps a name that
 * another export read after `nowMs`.
 */
export function addLookupResult(cache: NameCache, result: LookupResult, nowMs: number): NameCache {
  const known = new Map(cache.customers.map((entry) => [entry[0], entry]));
  for (const { id, name } of result.customers) {
    const [, lastName, atMs] = known.get(id) ?? [id, null, -Infinity];
    if (atMs <= nowMs || isAhead(atMs, nowMs)) known.set(id, [id, name ?? lastName, nowMs]);
  }
  const kept = [...known.values()].filter(([id, , atMs]) => nowMs - atMs < keptMs || result.needed.has(id));
  return { customers: kept, ...notePages(cache, result, nowMs), failed: noteFailed(cache, result) };
}

function notePages(
  cache: NameCache,
  { pages, nextPage }: LookupResult,
  nowMs: number,
): Pick<NameCache, "pages" | "cutOff"> {
  if (pages !== null) return { pages, cutOff: null };
  const knownPage = findResumePage(cache, nowMs);
  const sinceMs = knownPage > 1 ? cache.cutOff?.sinceMs : nowMs;
  const furthestPage = Math.max(knownPage, nextPage);
  const cutOff = furthestPage > 1 ? { nextPage: furthestPage, sinceMs: sinceMs ?? nowMs } : null;
  return { pages: cache.pages, cutOff };
}

const maxFailed = 1_000;

function noteFailed(cache: NameCache, { customers, failed }: LookupResult): string[] {
  const found = new Set(customers.map(({ id }) => id));
  return [...new Set([...cache.failed, ...failed])].filter((id) => !found.has(id)).slice(-maxFailed);
}
