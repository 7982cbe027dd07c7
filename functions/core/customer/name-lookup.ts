import type { Customer, LookupTrouble } from "./customer.ts";

/**
 * The lookup of customers' names. The portal answers two kinds of requests: for a single customer by id, and for a page
 * of its list with 15 customers. The lookup chooses the kind that takes fewer requests. When both take the same number,
 * it requests single customers.
 *
 * Example: a report needs 20 names, and the list has 40 pages. The lookup requests the 20 customers one by one. If the
 * list has 8 pages, the lookup reads pages. When 3 pages have brought 17 of the names, 5 pages and 3 names are left, so
 * the lookup requests the last 3 customers one by one.
 */

/**
 * The state of a lookup of names. It is small and serialisable, and each window of the rate limit passes it to the
 * next window.
 */
export type NameLookup = {
  /** The number of a page of the list of customers. All pages before it have been read or have failed. */
  nextPage: number;
  /** The expected number of pages of the list of customers; null before the lookup's first window. */
  expectedPages: number | null;
  /** True when the list of customers has been read to its end. */
  isListRead: boolean;
  requests: number;
  /** The number of requests that the portal refused with 429. */
  refusals: number;
  /** The time at which the lookup's first window began; null when no window has begun. */
  startedAt: string | null;
  /** True when the portal has answered at least one request of this lookup. */
  isAnswered: boolean;
  /** The number of failed requests since the last answered request. */
  failures: number;
  /** The ids of customers whose lookup failed. They are not looked up again for this report. */
  aside: string[];
  /**
   * True after the portal has forbidden a request for customers, until it is known whether the API key may read any
   * customer.
   */
  isScopeInDoubt: boolean;
  windows: number;
  /** The number of windows of the rate limit in a row that have brought no name. */
  idleWindows: number;
  /** The time that the lookup has spent on waiting for the rate limit. */
  pausedSeconds: number;
  /** The time that the lookup has waited while another export held the lease. */
  waitedSeconds: number;
  trouble: LookupTrouble | null;
  /**
   * The ids of the customers on the last page that was read and had customers. The field is missing when an earlier
   * version of this program began the lookup.
   */
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

/** The number of customers on one page of the portal's list, according to the portal's documentation. */
const pageSize = 15;

type Hint = {
  /**
   * The number of pages that the list of customers had when an export last read it to its end; null when no export has
   * done so.
   */
  pages: number | null;
  /** The number of customers to whom the snapshot's offers belong. */
  customers: number;
  /** The page at which to continue the list of customers, when an earlier lookup has read only a part of the list. */
  nextPage?: number;
};

/**
 * Sets the expected number of pages of the list of customers, and the page to start at. When an earlier lookup read a
 * part of the list, this lookup starts one page before `nextPage`, because customers may have moved to another page
 * since then.
 */
export function expectCustomerPages(
  naming: NameLookup,
  { pages, customers, nextPage = 1 }: Hint,
): NameLookup {
  if (naming.expectedPages !== null) return naming;
  const expectedPages = Math.max(1, pages ?? Math.ceil(customers / pageSize));
  return { ...naming, expectedPages, nextPage: Math.max(1, nextPage - 1) };
}

/**
 * Returns the expected number of pages that are left to read. Returns Infinity when the list has been read to its end,
 * so that no page is requested again. When the list is longer than expected, the function assumes that as many pages
 * are left as have been read. With this estimate, a lookup takes at most about twice the requests of the cheaper way.
 */
function countPagesLeft({ isListRead, nextPage, expectedPages }: NameLookup): number {
  if (isListRead) return Infinity;
  const pagesRead = nextPage - 1;
  const pagesLeft = (expectedPages ?? 1) - pagesRead;
  return pagesLeft > 0 ? pagesLeft : pagesRead;
}

/** Returns the missing customers that are still to be looked up. Customers whose lookup has failed are left out. */
function listDue({ aside }: NameLookup, missing: ReadonlySet<string>): string[] {
  const hasFailed = new Set(aside);
  return [...missing].filter((id) => !hasFailed.has(id));
}

/**
 * Returns the expected number of requests for the missing customers. They are requested one by one or by pages of the
 * list, whichever takes fewer requests.
 */
export function countLookupRequests(naming: NameLookup, missing: ReadonlySet<string>): number {
  return Math.min(listDue(naming, missing).length, countPagesLeft(naming));
}

export type LookupRequest = { page: number } | { id: string };

/**
 * Returns the next requests, at most `atOnce`. They are for missing customers one by one, or for pages of the list when
 * pages take fewer requests. The lookup's first request is sent alone, because other requests at the same time would
 * probably fail in the same way. For the same reason, a request after a failure is sent alone. When the portal has
 * forbidden a customer, the next request is for page 1, which shows whether the key may read any customer.
 *
 * Bound: let S be the number of missing customers, G the number of them that are not on the list, and P the number of
 * pages of the list. If P is at least the expected number and the list does not change, the lookup sends at most 2 ×
 * min(S, P + G) + 10 requests in total.
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

/**
 * The lookup ends after this number of failures in a row. Then the fault is the portal's, and other customers would
 * fail, too.
 */
const maxFailures = 3;
const maxAside = 100;

/**
 * Notes a failed request. A customer whose request failed is not requested again, so that the lookup goes on with
 * other customers.
 */
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

/**
 * Notes that pages of the list of customers were read. When a page between them is missing from both `pages` and
 * `failed`, it is requested later.
 */
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
  // Only a page without customers proves that the list has ended. A page that calls itself the last one is only a
  // hint.
  const end = behind !== undefined ? Math.max(1, behind.number - 1) : last?.isLast ? last.number + 1 : null;
  if (end === null) return known;
  return { ...known, expectedPages: end, isListRead: behind !== undefined && nextPage > end };
}

/** Sorts the pages by number. Removes the customers from a page that shows the same customers as the page before it. */
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
 * Notes the end of a window of the rate limit. Sets `trouble` when too many windows in a row have brought no name,
 * and when the lookups of all missing customers have failed. Sets `trouble` to null when no name is missing.
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
 * The bounds of one lookup of names. An execution has limited time and a limited number of operations. With these
 * bounds, a lookup fits into one execution together with the largest crawl and the wait for another export's crawl. An
 * hour of waiting for other exports takes only about 80 operations, because the waits grow to two minutes
 * (`findPollSeconds`).
 */
const maxWindows = 200;
const maxWaitedSeconds = 3_600;
/**
 * The longest single wait of a lookup for the rate limit. When a window of the rate limit is longer, a wait may last
 * one window.
 */
const maxPauseSeconds = 15 * 60;
const maxPausedSeconds = 3.5 * 3_600;

/** True when the lookup must end. The report is then written with the names that are known. */
export function isLookupOver({ trouble, windows, waitedSeconds }: NameLookup): boolean {
  return trouble !== null || windows >= maxWindows || waitedSeconds >= maxWaitedSeconds;
}

/**
 * True when the lookup ends instead of waiting `seconds` for the rate limit. One wait may last 15 minutes, or one
 * window of the rate limit when the window is longer. All waits together may last 3.5 hours.
 */
export function isPauseTooLong({ pausedSeconds }: NameLookup, seconds: number, windowMs: number): boolean {
  const maxSeconds = Math.max(maxPauseSeconds, windowMs / 1000);
  return seconds > maxSeconds || pausedSeconds + seconds > maxPausedSeconds;
}
