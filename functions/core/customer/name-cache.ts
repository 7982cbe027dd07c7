import * as z from "zod";
import { wholeNumber } from "../basics/stored-values.ts";
import type { Customer } from "./customer.ts";

/** A customer's id, the last name that the portal gave (null: none), and when it was asked for, in ms since 1970. */
const Entry = z.tuple([z.string(), z.string().nullable(), z.number()]);
type Entry = z.infer<typeof Entry>;

/**
 * The customers' names of one portal, shared by all exports.
 *
 * Example: an export has read the name of customer `cus_1` on 1 March. Reports use it without a request until 31
 * March. Then an export asks again. The name stays in the cache for 400 days, in case the portal no longer has it.
 */
export const NameCache = z.object({
  /** A list and not an object, because an id may be `__proto__`. */
  customers: z.array(Entry),
  /** The number of pages of the portal's list of customers. */
  pages: wholeNumber.nullable(),
  /**
   * The progress of a reading of that list that ended early, and when that reading began, in ms since 1970. Null
   * when no reading has ended early.
   */
  cutOff: z.object({ nextPage: wholeNumber, sinceMs: z.number() }).nullable(),
  /** Customers whose last lookup failed. */
  failed: z.array(z.string()),
});
export type NameCache = z.infer<typeof NameCache>;

export const emptyNameCache: NameCache = { customers: [], pages: null, cutOff: null, failed: [] };

const dayMs = 86_400_000;
/** A name counts as current this long. Customers are renamed seldom. */
const freshMs = 30 * dayMs;
/** Exports are kept this long. A customer that no export has needed for this time is dropped. */
const keptMs = 400 * dayMs;

/** A missing name may have been a mistake of the portal, so it is looked up again soon. */
const freshNamelessMs = dayMs;

/** Returns the customers whose names are current. */
export function listFreshNames({ customers }: NameCache, nowMs: number): Set<string> {
  const isFresh = ([, name, atMs]: Entry) =>
    !isAhead(atMs, nowMs) && nowMs - atMs < (name === null ? freshNamelessMs : freshMs);
  return new Set(customers.filter(isFresh).map(([id]) => id));
}

/** True for a time that a wrong clock has written. */
function isAhead(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + dayMs;
}

/** Returns the ids without a current name. Those whose last lookup failed come last, so that they delay no others. */
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

/** Returns the page to continue the list of customers at. A list that was cut off more than 30 days ago starts again. */
export function findResumePage({ cutOff }: NameCache, nowMs: number): number {
  const isUsable = cutOff !== null && Math.abs(nowMs - cutOff.sinceMs) < freshMs;
  return isUsable ? cutOff.nextPage : 1;
}

export type LookupResult = {
  customers: Customer[];
  /** The number of pages of the list of customers; null when it was not read to its end. */
  pages: number | null;
  /** Every page of that list below this number has been read, now or earlier. */
  nextPage: number;
  /** Customers whose lookup failed. */
  failed: string[];
  /** Customers that stay in the cache, however long ago they were asked for. */
  needed: ReadonlySet<string>;
};

/**
 * Adds the names that the portal gave at `nowMs`. When the portal has no name any more, for example because the
 * customer is gone, the last one stays. A name that another export has read later stays, too.
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
