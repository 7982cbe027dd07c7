import { addDoubt, addWindow, type Crawl, findFirstId, type OpenWindow, voidWindow } from "./crawl.ts";
import { ExportError } from "./error.ts";
import { countBudget } from "./limit.ts";
import { isBeyond, type Page } from "./page.ts";
import { assertFresh, assertOther } from "./repeat.ts";

/** Asks the portal for pages, within its rate limit. */
export interface Reader {
  /** One page, after all that was asked for before. */
  readPage: (number: number) => Promise<Page>;
  /** Pages that must be there: several at once in any order, given back in theirs; asked again where they are not. */
  readPages: (numbers: number[]) => Promise<Page[]>;
  /** Requests that the rate limit's window has left for this crawl. */
  left: () => number;
}

/** What a window brought: `pages` become the next part; none when it only proved the one before. */
export type WindowRead = { crawl: Crawl; pages: Page[] };

/** Readings of one window before the portal is taken for too restless. */
const mostTries = 3;
/** Looks for an end that moves meanwhile. */
const mostLooks = 3;
/** Bounds a window's memory where the limit is high: 6,000 offers of some kilobytes. */
const mostWindowPages = 400;
/** The far page again, and page 1. */
const proofRequests = 2;

/**
 * Reads the next window and proves the one before. The order of the requests is the proof: the farthest page
 * first, the far page before it again, page 1, then the others. When a far page stands unmoved after the
 * others and page 1 begins as it did, nothing moved over the pages between, so none was skipped: an offer
 * that was deleted would have moved the far page, one that was added before it would stand on page 1.
 * This holds as long as offers that stay keep their order, new ones enter at one end, and none is added and
 * deleted again between two of these looks. What contradicts that becomes a doubt.
 */
export async function readWindow(crawl: Crawl, reader: Reader): Promise<WindowRead> {
  if (crawl.topId === undefined) return await readFirst(crawl, reader);
  if (crawl.open === null)
    return await fillWindow(crawl, reader, { far: await findFar(crawl, reader), seam: null });
  return await readNext(crawl, crawl.open, reader);
}

async function readNext(begun: Crawl, open: OpenWindow, reader: Reader): Promise<WindowRead> {
  const far = open.isLast ? null : await findFar(begun, reader);
  const { crawl, seam, isProved } = await proveWindow(begun, open, reader);
  if (!isProved) return await fillWindow(crawl, reader, { far: await findFar(crawl, reader), seam: null });
  if (far === null) return { crawl: { ...crawl, done: true }, pages: [] };
  // A list that has come to end at the seam may hold there what has slid over from behind it.
  if (far.number < crawl.nextPage) return await fillWindow(crawl, reader, { far: seam, seam: null });
  return await fillWindow(crawl, reader, { far, seam });
}

/** Requests that the next window wants to send without a pause. */
export function requestsDue(crawl: Crawl): number {
  if (crawl.open?.isLast) return proofRequests;
  return Math.min(countBudget(crawl.limit) ?? 1, mostWindowPages + proofRequests);
}

/** A list of one page is of one moment: nothing is left to prove. */
async function readFirst(begun: Crawl, reader: Reader): Promise<WindowRead> {
  const top = await reader.readPage(1);
  const crawl = { ...begun, topId: findFirstId(top) };
  if (top.isLast) return { crawl: { ...passWindow(addPages(crawl, [top])), done: true }, pages: [top] };
  if (reader.left() < 1) return { crawl, pages: [] };
  const far = await findFar(crawl, reader);
  assertOther(top, far);
  return await fillWindow(crawl, reader, { far, seam: null });
}

/** The farthest page that this window can reach, or the last one. */
async function findFar(crawl: Crawl, reader: Reader): Promise<Page> {
  const far = await reader.readPage(reachPage(crawl, reader));
  if (!isBeyond(far)) return far;
  const end = await findEnd({ fromPage: crawl.nextPage - 1, toPage: far.number }, reader);
  return end.number > reachPage(crawl, reader) + 1 ? await findFar(crawl, reader) : end;
}

function reachPage(crawl: Crawl, reader: Reader): number {
  const proof = crawl.open === null ? 0 : proofRequests;
  return crawl.nextPage - 1 + Math.max(1, Math.min(mostWindowPages, reader.left() - proof));
}

/** Halves the way between a page that announced a next one and one beyond the end. */
async function findEnd(bounds: { fromPage: number; toPage: number }, reader: Reader): Promise<Page> {
  let { fromPage, toPage } = bounds;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    while (toPage - fromPage > 1) {
      const middle = Math.floor((fromPage + toPage) / 2);
      const page = await reader.readPage(middle);
      if (page.isLast && !isBeyond(page)) return page;
      if (isBeyond(page)) toPage = middle;
      else fromPage = middle;
    }
    // A page announced a next one, and that is not there: an answer was wrong, or the list has shrunk meanwhile.
    const [next] = await reader.readPages([toPage]);
    if (next !== undefined && !isBeyond(next)) return next;
    const last = await reader.readPage(Math.max(1, fromPage));
    if (last.isLast && (fromPage <= 1 || !isBeyond(last))) return last;
    fromPage = Math.max(0, fromPage - 2);
  }
  throw contradiction(toPage);
}

type Proof = { crawl: Crawl; seam: Page; isProved: boolean };

async function proveWindow(crawl: Crawl, open: OpenWindow, reader: Reader): Promise<Proof> {
  const seam = await reader.readPage(open.farPage);
  const topId = findFirstId(await reader.readPage(1));
  const looked = { ...crawl, topId };
  const isTopSame = topId === crawl.topId;
  if (isTopSame && findFirstId(seam) === open.firstId)
    return { crawl: passWindow(looked), seam, isProved: true };
  const hasGrownWithin = isTopSame && open.firstId !== null && seam.ids.indexOf(open.firstId) > 0;
  const doubted = hasGrownWithin ? addDoubt(looked, "inserted") : looked;
  const isLost = crawl.tries + 1 >= mostTries;
  if (doubted.doubts.length === 0 && !isLost)
    return { crawl: voidWindow(doubted, open), seam, isProved: false };
  const settled = isLost ? addDoubt(doubted, "restless") : doubted;
  return { crawl: { ...settled, open: null, tries: 0 }, seam, isProved: true };
}

/** The crawl with its open window proved. */
function passWindow(crawl: Crawl): Crawl {
  const { open } = crawl;
  if (open?.hollowPage != null) throw contradiction(open.hollowPage);
  let passed: Crawl = { ...crawl, open: null, tries: 0 };
  if (open?.isDoubled) passed = addDoubt(passed, "doubled");
  return open?.offers !== 0 && open?.firstId === null ? addDoubt(passed, "nameless") : passed;
}

type Frame = { far: Page; seam: Page | null };

/** Reads what lies between the seam and the far page, and where that is the last one, proves it at once if it may. */
async function fillWindow(begun: Crawl, reader: Reader, { far, seam }: Frame): Promise<WindowRead> {
  const fromPage = seam === null ? Math.max(1, begun.nextPage - 1) : begun.nextPage;
  const between = await reader.readPages(listNumbers(fromPage, far.number - 1));
  const pages = [...(seam === null ? [] : [seam]), ...between, far];
  const end = between.find((page) => page.isLast && !isBeyond(page));
  if (end !== undefined)
    return await fillWindow(begun, reader, { far: await reviseEnd(begun, reader, end), seam: null });
  assertFresh(pages, begun.topId ?? null);
  const crawl = addPages(begun, pages);
  if (crawl.open === null || !far.isLast || reader.left() < proofRequests) return { crawl, pages };
  const proof = await proveWindow(crawl, crawl.open, reader);
  return proof.isProved
    ? { crawl: { ...proof.crawl, done: true }, pages }
    : { crawl: proof.crawl, pages: [] };
}

/** A page between has become the last one: it is the far page now, and what was read before it proves nothing. */
async function reviseEnd(begun: Crawl, reader: Reader, end: Page): Promise<Page> {
  const far = await reader.readPage(end.number);
  return isBeyond(far) ? await findFar(begun, reader) : far;
}

function addPages(crawl: Crawl, pages: Page[]): Crawl {
  const far = pages.at(-1);
  if (far === undefined) return crawl;
  const ids = pages.flatMap((page) => page.ids);
  const first = pages[0];
  const hasSlid =
    crawl.seamIds.length > 0 && first !== undefined && !crawl.seamIds.includes(findFirstId(first) ?? "");
  const open: OpenWindow = {
    fromPage: crawl.nextPage,
    farPage: far.number,
    firstId: findFirstId(far),
    isLast: far.isLast,
    isDoubled: new Set(ids).size < ids.length,
    hollowPage: pages.find((page) => page !== far && page.isLast)?.number ?? null,
    seamIds: crawl.seamIds,
    offers: ids.length,
  };
  const seamIds = pages.slice(-2).flatMap((page) => page.ids);
  return addWindow(hasSlid ? addDoubt(crawl, "slid") : crawl, open, seamIds);
}

function listNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

function contradiction(page: number): ExportError {
  const detail =
    `The portal answers page ${page} as if the list had ended before it, yet announces it or has later pages. ` +
    "Try again later; if it stays so, ask the portal's support.";
  return new ExportError("portal", "portal_contradicts_itself", detail);
}
