import type { Customer, LookupTrouble } from "./customer.ts";

/** How far the reading of names has come; small and serialisable, it goes from window to window. */
export type NameLookup = {
  /** Every page of the list of customers below this number has been read. */
  nextPage: number;
  /** How many it has, as far as anything tells; null before the first window. */
  expectedPages: number | null;
  /** Up to its end. */
  isListRead: boolean;
  requests: number;
  /** Those that the portal refused with 429. */
  refusals: number;
  /** When the first window began; null before it. */
  startedAt: string | null;
  /** Whether the portal has answered any question about customers. */
  isAnswered: boolean;
  /** Questions in a row that failed. */
  failures: number;
  /** Customers whose question failed: they stay without a name this time. */
  aside: string[];
  /** A customer was forbidden, and nobody knows yet whether all are. */
  isScopeInDoubt: boolean;
  windows: number;
  /** Windows in a row that brought nothing. */
  idleWindows: number;
  /** Spent on waiting for the rate limit. */
  pausedSeconds: number;
  /** Spent on waiting for other exports. */
  waitedSeconds: number;
  trouble: LookupTrouble | null;
  /** The customers of the highest page that was read; a reading that an earlier version began does not tell. */
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

/** As the documentation has it. */
const pageSize = 15;

/** `nextPage` is where an earlier reading of the list was cut off. */
type Hint = { pages: number | null; customers: number; nextPage?: number };

/**
 * With the list's length as it was read before, or as the customers of the snapshot, if they still exist, make
 * it. One that was cut off goes on one page back: the list may have moved.
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
 * Requests that the rest of the list costs. Beyond its expected end it is taken to go on for as long as it has
 * been read, so that little more than twice the cheaper way is ever spent.
 */
function countPagesLeft({ isListRead, nextPage, expectedPages }: NameLookup): number {
  if (isListRead) return Infinity;
  const pagesRead = nextPage - 1;
  const pagesLeft = (expectedPages ?? 1) - pagesRead;
  return pagesLeft > 0 ? pagesLeft : pagesRead;
}

/** The missing customers who are still to be asked for. */
function listDue({ aside }: NameLookup, missing: ReadonlySet<string>): string[] {
  const late = new Set(aside);
  return [...missing].filter((id) => !late.has(id));
}

/** Requests that the missing customers cost at most, as far as anything tells. */
export function countLookupRequests(naming: NameLookup, missing: ReadonlySet<string>): number {
  return Math.min(listDue(naming, missing).length, countPagesLeft(naming));
}

export type LookupRequest = { page: number } | { id: string };

/**
 * What to ask next, at most so many at once: the missing customers one by one, or pages of the list where those
 * cost less. The first question goes alone, and so does the one after a failure: where it is refused, so would
 * others be. Whether a forbidden customer means that all are, page 1 tells.
 *
 * With S missing customers, of whom G are not on the list, and a list of P pages that is expected to have no
 * more than it has, all questions together are at most 2 × min(S, P + G) + 10, if the list stands still.
 */
export function planLookups(
  naming: NameLookup,
  missing: ReadonlySet<string>,
  atOnce: number,
): LookupRequest[] {
  if (naming.isScopeInDoubt) return [{ page: 1 }];
  const most = naming.isAnswered && naming.failures === 0 ? atOnce : 1;
  const due = listDue(naming, missing);
  const pagesLeft = countPagesLeft(naming);
  if (due.length <= pagesLeft) return due.slice(0, most).map((id) => ({ id }));
  const pages = Math.min(most, pagesLeft);
  return Array.from({ length: pages }, (_, index) => ({ page: naming.nextPage + index }));
}

export function noteLookupAnswer(naming: NameLookup): NameLookup {
  return { ...naming, isAnswered: true, failures: 0, isScopeInDoubt: false };
}

/** So many in a row are no longer the fault of what was asked. */
const maxFailures = 3;
const maxAside = 100;

/** A question that fails is set aside, lest one customer keep all others from having names. */
export function noteLookupFailure(
  naming: NameLookup,
  question: LookupRequest,
  isForbidden: boolean,
): NameLookup {
  const failures = naming.failures + 1;
  const aside = "id" in question ? [...naming.aside, question.id] : naming.aside;
  const noted = { ...naming, failures, aside, isScopeInDoubt: false };
  const isFirstPage = "page" in question && question.page === 1;
  if (isForbidden && !naming.isAnswered && isFirstPage) return { ...noted, trouble: "scope" };
  if (failures >= maxFailures || aside.length > maxAside) return { ...noted, trouble: "portal" };
  return { ...noted, isScopeInDoubt: isForbidden && !naming.isAnswered };
}

export type CustomerPage = { number: number; customers: Customer[]; isLast: boolean };

/**
 * The reading after these pages, of which some may be missing in between: those are due again, unless they failed
 * and are passed over.
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
  // The list ends before the first page without rows, and where a page says that it is the last one only then.
  const end = behind !== undefined ? Math.max(1, behind.number - 1) : last?.isLast ? last.number + 1 : null;
  if (end === null) return known;
  return { ...known, expectedPages: end, isListRead: behind !== undefined && nextPage > end };
}

/** In their order; a page that shows what the one before it has shown has no rows of its own. */
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

/** The reading after a window; too many that bring nothing are a trouble, and none is one where nobody is missing. */
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
 * Beside the largest crawl and the wait for another as large they fit into an execution's time and operations:
 * with waits that grow (`findPollSeconds`) an hour of waiting for others is some eighty of them.
 */
const maxWindows = 200;
const maxWaitedSeconds = 3_600;
/** A finished report is not held up for a portal that closes for long. */
const maxPauseSeconds = 15 * 60;
const maxPausedSeconds = 3.5 * 3_600;

/** Whether the report is to be written with the names that there are. */
export function isLookupOver({ trouble, windows, waitedSeconds }: NameLookup): boolean {
  return trouble !== null || windows >= maxWindows || waitedSeconds >= maxWaitedSeconds;
}

/** Whether to write it rather than wait so long for the next window; one as long as the rate limit's is usual. */
export function isPauseTooLong({ pausedSeconds }: NameLookup, seconds: number, windowMs: number): boolean {
  const maxSeconds = Math.max(maxPauseSeconds, windowMs / 1000);
  return seconds > maxSeconds || pausedSeconds + seconds > maxPausedSeconds;
}
