import * as z from "zod";
import { wholeNumber } from "../basics/stored-values.ts";
import type { Customer } from "./customer.ts";

/** A customer's id, the last name that the portal gave (null: none), and when it was asked for, in ms since 1970. */
const Entry = z.tuple([z.string(), z.string().nullable(), z.number()]);
type Entry = z.infer<typeof Entry>;

/** What is known of the customers of one portal: a list, since an id may be `__proto__`. */
export const NameCache = z.object({
  customers: z.array(Entry),
  /** How many pages the portal's list of customers had. */
  pages: wholeNumber.nullable(),
  /** How far a reading of that list has come which was cut off, and since when; null when none was. */
  cutOff: z.object({ nextPage: wholeNumber, sinceMs: z.number() }).nullable(),
  /** Customers whose last question failed. */
  failed: z.array(z.string()),
});
export type NameCache = z.infer<typeof NameCache>;

export const emptyNameCache: NameCache = { customers: [], pages: null, cutOff: null, failed: [] };

const dayMs = 86_400_000;
/** Customers are renamed seldom. */
const freshMs = 30 * dayMs;
/** As long as exports are kept; a customer that no export has wanted for so long is forgotten. */
const keptMs = 400 * dayMs;

/** An answer of nothing may have been a slip. */
const freshNamelessMs = dayMs;

/** The customers who need not be asked for. */
export function listFreshNames({ customers }: NameCache, nowMs: number): Set<string> {
  const isFresh = ([, name, atMs]: Entry) =>
    !isAhead(atMs, nowMs) && nowMs - atMs < (name === null ? freshNamelessMs : freshMs);
  return new Set(customers.filter(isFresh).map(([id]) => id));
}

/** Written by a clock that was wrong: no two that are right differ by a day. */
function isAhead(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + dayMs;
}

/** Those of them who are not known, whose last question failed last: they keep nobody else from being asked for. */
export function listMissingNames(
  { failed }: NameCache,
  ids: string[],
  known: ReadonlySet<string>,
): Set<string> {
  const missing = ids.filter((id) => !known.has(id));
  const late = new Set(failed);
  return new Set([...missing.filter((id) => !late.has(id)), ...missing.filter((id) => late.has(id))]);
}

/** Where to go on with the list; what was read longer ago is due again anyway. */
export function findResumePage({ cutOff }: NameCache, nowMs: number): number {
  const isUsable = cutOff !== null && Math.abs(nowMs - cutOff.sinceMs) < freshMs;
  return isUsable ? cutOff.nextPage : 1;
}

export type LookupResult = {
  customers: Customer[];
  /** How many pages their list has, where it was read to its end. */
  pages: number | null;
  /** Every page of it below has been read, now or before. */
  nextPage: number;
  /** Whose question failed. */
  failed: string[];
  /** To be remembered, however long ago they were asked for. */
  wanted: ReadonlySet<string>;
};

/**
 * The names with those that the portal has just given. One that it gives no more, such as a customer's who is
 * gone, stays, and is not asked for again at once; what another has asked later counts more.
 */
export function addLookupResult(names: NameCache, found: LookupResult, nowMs: number): NameCache {
  const known = new Map(names.customers.map((entry) => [entry[0], entry]));
  for (const { id, name } of found.customers) {
    const [, lastName, atMs] = known.get(id) ?? [id, null, -Infinity];
    if (atMs <= nowMs || isAhead(atMs, nowMs)) known.set(id, [id, name ?? lastName, nowMs]);
  }
  const kept = [...known.values()].filter(([id, , atMs]) => nowMs - atMs < keptMs || found.wanted.has(id));
  return { customers: kept, ...noteList(names, found, nowMs), failed: noteFailed(names, found) };
}

function noteList(
  names: NameCache,
  { pages, nextPage }: LookupResult,
  nowMs: number,
): Pick<NameCache, "pages" | "cutOff"> {
  if (pages !== null) return { pages, cutOff: null };
  const knownPage = findResumePage(names, nowMs);
  const sinceMs = knownPage > 1 ? names.cutOff?.sinceMs : nowMs;
  const furthestPage = Math.max(knownPage, nextPage);
  const cutOff = furthestPage > 1 ? { nextPage: furthestPage, sinceMs: sinceMs ?? nowMs } : null;
  return { pages: names.pages, cutOff };
}

const maxFailed = 1_000;

function noteFailed(names: NameCache, { customers, failed }: LookupResult): string[] {
  const isFound = new Set(customers.map(({ id }) => id));
  return [...new Set([...names.failed, ...failed])].filter((id) => !isFound.has(id)).slice(-maxFailed);
}
