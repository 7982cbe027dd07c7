import { addWindow, type Crawl, addDoubt, findFirstId, type OpenWindow } from "./crawl.ts";
import { findFar } from "./far.ts";
import { isBeyond, type Page } from "./page.ts";
import { passWindow, proofRequests, proveWindow } from "./proof.ts";
import type { Reader } from "./reader.ts";
import { assertFresh, assertOther } from "./repeat.ts";

/** What a window brought: `pages` become the next part; none when it only proved the one before. */
export type WindowRead = { crawl: Crawl; pages: Page[] };

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
