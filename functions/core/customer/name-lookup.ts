import type { Customer, LookupTrouble } from "./customer.ts";

/**
 * The lookup of customers' names. The portal gives a single customer by id, or its list of customers, 15 a page. The
 * lookup plans the cheaper way: single customers as long as they take no more requests than the rest of the list.
 *
 * Example: a report needs 20 names, and the list has 40 pages: the customers are asked for one by one. If the list
 * has 8 pages, its pages are read. When 3 pages have brought 17 of the names, the last 3 are asked for one by one.
 */

/** The state of a lookup. It is small and serialisable, and each window passes it to the next. */
export type NameLookup = {
  /** Every page of the list of customers below this number has been read. */
  nextPage: number;
  /** The expected number of pages of the list; null before the first window. */
  expectedPages: number | null;
  /** True when the list has been read to its end. */
  isListRead: boolean;
  requests: number;
  /** The number of requests that the portal refused with 429. */
  refusals: number;
  /** When the first window began; null before it. */
  startedAt: string | null;
  /** True when the portal has answered any lookup. */
  isAnswered: boolean;
  /** The number of failed lookups in a row. */
  failures: number;
  /** Customers whose lookup failed. This report shows no name for them. */
  aside: string[];
  /** True when one customer was forbidden, and it is not known yet whether all are. */
  isScopeInDoubt: boolean;
  windows: number;
  /** The number of windows in a row that brought no name. */
  idleWindows: number;
  /** The time spent on waiting for the rate limit. */
  pausedSeconds: number;
  /** The time spent on waiting for other exports. */
  waitedSeconds: number;
  trouble: LookupTrouble | null;
  /** The customers of the highest page that was read. Lookups that an earlier version began lack it. */
  lastIds?: string[] | undefined;
};

export const newNameLookup: NameLookup = {
  nextPage: 1,
  expectedPages: null,
  isListRead: false,
  requests: 0,
  refusals: 0,
  startedAt: null,
  isAnswered: false,
  failures: 0,
  aside: [],
  isScopeInDoubt: false,
  windows: 0,
  idleWindows: 0,
  pausedSeconds: 0,
  waitedSeconds: 0,
  trouble: null,
};

/** From the portal's documentation. */
const pageSize = 15;

type Hint = {
  /** The number of pages of the list when it was last read to its end. */
  pages: number | null;
  /** The number of customers of the snapshot. */
  customers: number;
  /** The page where an earlier reading of the list was cut off. */
  nextPage?: number;
};

/** Sets the expected number of pages. A list that was cut off continues one page earlier, since it may have moved. */
export function expectCustomerPages(
  naming: NameLookup,
  { pages, customers, nextPage = 1 }: Hint,
): NameLookup {
  if (naming.expectedPages !== null) return naming;
  const expectedPages = Math.max(1, pages ?? Math.ceil(customers / pageSize));
  return { ...naming, expectedPages, nextPage: Math.max(1, nextPage - 1) };
}

/**
 * Returns the expected number of requests for the rest of the list. When the list goes on behind its expected end,
 * this is the number of pages that have been read. So all requests together are hardly more than twice the requests
 * of the cheaper way.
 */
function countPagesLeft({ isListRead, nextPage, expectedPages }: NameLookup): number {
  if (isListRead) return Infinity;
  const pagesRead = nextPage - 1;
  const pagesLeft = (expectedPages ?? 1) - pagesRead;
  return pagesLeft > 0 ? pagesLeft : pagesRead;
}

/** Returns the missing customers that are still to be asked for. */
function listDue({ aside }: NameLookup, missing: ReadonlySet<string>): string[] {
  const hasFailed = new Set(aside);
  return [...missing].filter((id) => !hasFailed.has(id));
}

/** Returns the number of requests that the missing customers are expected to take at most. */
export function countLookupRequests(naming: NameLookup, missing: ReadonlySet<string>): number {
  return Math.min(listDue(naming, missing).length, countPagesLeft(naming));
}

export type LookupRequest = { page: number } | { id: string };

/**
 * Returns the next lookups, at most `atOnce`: missing customers one by one, or pages of the list when those are
 * cheaper. The first lookup is sent alone, and so is the one after a failure, because the others would fail, too.
 * After a forbidden customer, page 1 shows whether all customers are forbidden.
 *
 * Bound: S customers are missing, G of them are not on the list, and the list has P pages and is expected to have no
 * more. If the list does not change, there are at most 2 × min(S, P + G) + 10 lookups in total.
 */
export function planLookups(
  naming: NameLookup,
  missing: ReadonlySet<string>,
  atOnce: number,
): LookupRequest[] {
  if (naming.isScopeInDoubt) return [{ page: 1 }];
  const maxLookups = naming.isAnswered && naming.failures === 0 ? atOnce : 1;
  const due = listDue(naming, missing);
  const pagesLeft = countPagesLeft(naming);
  if (due.length <= pagesLeft) return due.slice(0, maxLookups).map((id) => ({ id }));
  const pages = Math.min(maxLookups, pagesLeft);
  return Array.from({ length: pages }, (_, index) => ({ page: naming.nextPage + index }));
}

export function noteLookupAnswer(naming: NameLookup): NameLookup {
  return { ...naming, isAnswered: true, failures: 0, isScopeInDoubt: false };
}

/** After this many failures in a row the portal is at fault, and not the customers that were asked for. */
const maxFailures = 3;
const maxAside = 100;

/** Sets a failed customer aside, so that it does not keep the others from being looked up. */
export function noteLookupFailure(
  naming: NameLookup,
  request: LookupRequest,
  isForbidden: boolean,
): NameLookup {
  const failures = naming.failures + 1;
  const aside = "id" in request ? [...naming.aside, request.id] : naming.aside;
  const noted = { ...naming, failures, aside, isScopeInDoubt: false };
  const isFirstPage = "page" in request && request.page === 1;
  if (isForbidden && !naming.isAnswered && isFirstPage) return { ...noted, trouble: "scope" };
  if (failures >= maxFailures || aside.length > maxAside) return { ...noted, trouble: "portal" };
  return { ...noted, isScopeInDoubt: isForbidden && !naming.isAnswered };
}

export type CustomerPage = { number: number; customers: Customer[]; isLast: boolean };

/** Notes pages of the list. Pages that are missing between them are read later, except those in `failed`. */
export function noteCustomerPages(
  naming: NameLookup,
  pages: CustomerPage[],
  failed: number[] = [],
): NameLookup {
  const numbers = new Set([...pages.map(({ number }) => number), ...failed]);
  let { nextPage } = naming;
  while (numbers.has(nextPage)) nextPage += 1;
  const rows = dropRepeated(naming, pages);
  const filled = rows.filter(({ customers }) => customers.length > 0);
  const last = filled.at(-1) ?? null;
  const known = { ...naming, nextPage, lastIds: last === null ? naming.lastIds : listIds(last) };
  const behind = rows.find(({ number, customers }) => customers.length === 0 && number > (last?.number ?? 0));
  // Only a page without rows proves the end of the list. A page that says it is the last one is a hint.
  const end = behind !== undefined ? Math.max(1, behind.number - 1) : last?.isLast ? last.number + 1 : null;
  if (end === null) return known;
  return { ...known, expectedPages: end, isListRead: behind !== undefined && nextPage > end };
}

/** Sorts the pages. A page that repeats the one before it loses its rows. */
function dropRepeated({ lastIds = [] }: NameLookup, pages: CustomerPage[]): CustomerPage[] {
  let before = lastIds.join();
  return pages
    .toSorted((a, b) => a.number - b.number)
    .map((page) => {
      const ids = listIds(page).join();
      const isRepeated = ids === before && ids !== "";
      before = ids;
      return isRepeated ? { number: page.number, isLast: page.isLast, customers: [] } : page;
    });
}

function listIds({ customers }: CustomerPage): string[] {
  return customers.map(({ id }) => id);
}

const maxIdleWindows = 5;

/**
 * Notes the end of a window. Sets `trouble` after too many windows in a row without a name, and when the lookups of
 * all missing customers have failed. Clears it when no customer is missing.
 */
export function noteLookupWindow(
  naming: NameLookup,
  found: number,
  missing: ReadonlySet<string>,
): NameLookup {
  const idleWindows = found > 0 ? 0 : naming.idleWindows + 1;
  const isStuck = idleWindows >= maxIdleWindows || listDue(naming, missing).length === 0;
  const trouble = naming.trouble ?? (isStuck ? "portal" : null);
  return {
    ...naming,
    windows: naming.windows + 1,
    idleWindows,
    trouble: missing.size === 0 ? null : trouble,
  };
}

/**
 * An execution has limited time and a limited number of operations. With these bounds, a lookup fits into one
 * execution with the largest crawl and the wait for another export's crawl. An hour of waiting for other exports
 * takes about 80 operations, because the waits grow (`findPollSeconds`).
 */
const maxWindows = 200;
const maxWaitedSeconds = 3_600;
/** A report does not wait for names longer than this when the portal asks for a pause. */
const maxPauseSeconds = 15 * 60;
const maxPausedSeconds = 3.5 * 3_600;

/** True when the report must be written with the names that are known. */
export function isLookupOver({ trouble, windows, waitedSeconds }: NameLookup): boolean {
  return trouble !== null || windows >= maxWindows || waitedSeconds >= maxWaitedSeconds;
}

/** True when the report must not wait that long. A wait of one rate limit window is always allowed. */
export function isPauseTooLong({ pausedSeconds }: NameLookup, seconds: number, windowMs: number): boolean {
  const maxSeconds = Math.max(maxPauseSeconds, windowMs / 1000);
  return seconds > maxSeconds || pausedSeconds + seconds > maxPausedSeconds;
}
