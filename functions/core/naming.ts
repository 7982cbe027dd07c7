import type { Customer } from "./customer.ts";

/** Why names could not be fetched: the key may not read customers, or the portal did not answer as it should. */
export type Trouble = "scope" | "portal";

/** How far the reading of names has come; small and serialisable, it goes from window to window. */
export type Naming = {
  /** Every page of the list of customers below this number has been read. */
  nextPage: number;
  /** How many it has, as far as anything tells; null before the first window. */
  expectedPages: number | null;
  /** Up to its end. */
  isListRead: boolean;
  requests: number;
  /** Windows in a row that brought nothing. */
  idleWindows: number;
  /** Spent on waiting for other exports. */
  waitedSeconds: number;
  trouble: Trouble | null;
  done: boolean;
};

export const noNaming: Naming = {
  nextPage: 1,
  expectedPages: null,
  isListRead: false,
  requests: 0,
  idleWindows: 0,
  waitedSeconds: 0,
  trouble: null,
  done: false,
};

/** As the documentation has it. */
const pageSize = 15;

type Hint = { pages: number | null; customers: number };

/** With the list's length as it was read before, or as the customers of the snapshot, if they still exist, make it. */
export function expectPages(naming: Naming, { pages, customers }: Hint): Naming {
  const expectedPages = naming.expectedPages ?? pages ?? Math.ceil(customers / pageSize);
  return { ...naming, expectedPages: Math.max(1, expectedPages) };
}

/**
 * Requests that the rest of the list costs. Beyond its expected end it is taken to go on for as long as it has
 * been read, so that little more than twice the cheaper way is ever spent.
 */
function countPagesLeft({ isListRead, nextPage, expectedPages }: Naming): number {
  if (isListRead) return Infinity;
  const pagesRead = nextPage - 1;
  const pagesLeft = (expectedPages ?? 1) - pagesRead;
  return pagesLeft > 0 ? pagesLeft : pagesRead;
}

/** Requests that the missing customers cost at most, as far as anything tells. */
export function countRequestsLeft(naming: Naming, missing: number): number {
  return Math.min(missing, countPagesLeft(naming));
}

export type Question = { page: number } | { id: string };

/**
 * What to ask next, at most so many at once: the missing customers one by one, or pages of the list where those
 * cost less. The first question goes alone: where it is refused, so would others be.
 *
 * With S missing customers, of whom G are not on the list, and a list of P pages that is expected to have no
 * more than it has, all questions together are at most 2 × min(S, P + G) + 10, if the list stands still.
 */
export function planQuestions(naming: Naming, missing: ReadonlySet<string>, atOnce: number): Question[] {
  const most = naming.requests === 0 ? 1 : atOnce;
  const pagesLeft = countPagesLeft(naming);
  if (missing.size <= pagesLeft) return [...missing].slice(0, most).map((id) => ({ id }));
  const pages = Math.min(most, pagesLeft);
  return Array.from({ length: pages }, (_, index) => ({ page: naming.nextPage + index }));
}

export type CustomerPage = { number: number; customers: Customer[]; isLast: boolean };

/** The reading after these pages, of which some may be missing in between: those are due again. */
export function notePages(naming: Naming, pages: CustomerPage[]): Naming {
  const numbers = new Set(pages.map(({ number }) => number));
  let { nextPage } = naming;
  while (numbers.has(nextPage)) nextPage += 1;
  const ends = pages.filter(({ isLast }) => isLast).map(findEnd);
  if (ends.length === 0) return { ...naming, nextPage };
  const expectedPages = Math.min(...ends);
  return { ...naming, nextPage, expectedPages, isListRead: nextPage > expectedPages };
}

/** A page that is empty and the last lies beyond the list, if it has any. */
function findEnd({ number, customers }: CustomerPage): number {
  return customers.length === 0 ? Math.max(1, number - 1) : number;
}

const mostIdleWindows = 5;

/** The reading after a window that the rate limit ended; too many that bring nothing are a trouble. */
export function noteWindow(naming: Naming, found: number): Naming {
  const idleWindows = found > 0 ? 0 : naming.idleWindows + 1;
  return { ...naming, idleWindows, trouble: idleWindows < mostIdleWindows ? naming.trouble : "portal" };
}

/** Beside the largest crawl and the wait for another as large they fit into an execution's time and operations. */
const mostWindows = 200;
const mostWaitedSeconds = 3_600;

/** Whether the report is to be written with the names that there are. */
export function isOver({ trouble, waitedSeconds }: Naming, window: number): boolean {
  return trouble !== null || window >= mostWindows || waitedSeconds >= mostWaitedSeconds;
}
