import { ExportError } from "../basics/errors.ts";
import { noteTop, openConsistencyCheck } from "./consistency-check.ts";
import { addAnomaly, addNote, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { assertNotCircular, findBehind, isPast, rereadRepeats } from "./last-page-search.ts";
import {
  areNewOffers,
  isBeyondEnd,
  isSamePage,
  listPageNumbers,
  type OfferPage,
  type PageReader,
} from "./offer-page.ts";
import {
  addRepairs,
  confirmWindow,
  countOffers,
  hasUnseen,
  listKeptPages,
  noRepairs,
  openWindow,
  type Repairs,
  type WindowReading,
} from "./open-window.ts";
import {
  endRequests,
  type ReferenceFrame,
  referenceFrameRequests,
  takeReferenceFrame,
} from "./probe-page.ts";
import { type ResolvedWindow, resolveWindow, retryOrGiveUp } from "./window-proof.ts";

/**
 * Reads the pages of the next window and proves the window before it. `crawl-state.ts` explains the terms.
 *
 * The order of the requests gives the proof: first the new probe page, then the old probe page again, then page 1, then
 * the pages between the two probe pages. The previous window has missed no offer when the old probe page has not moved
 * and page 1 starts with the same offer as before. A deleted offer would have moved the old probe page, and an added
 * offer would stand on page 1. `window-proof.ts` explains why a window can still be proved when offers have appeared on
 * page 1.
 *
 * The proof holds as long as offers keep their order, new offers appear at one end of the list, and no offer is added
 * and deleted again between two requests for the same page. Anything that contradicts these rules is recorded as an
 * anomaly.
 *
 * Example: pages 1 to 59 have been read, and page 59 starts with offer 871. The next window reads page 117, then page
 * 59, then page 1. Page 59 still starts with offer 871, and page 1 starts with the same offer as before. So pages 1 to
 * 58 are complete, and the window reads pages 60 to 116. If page 59 started with offer 872, an offer before page 59
 * would have been deleted. Then pages 1 to 58 would be read again.
 */

/**
 * `pages` are stored as the next part of the snapshot. The list is empty when, for example, this window has only proved
 * the previous window.
 */
export type WindowResult = { crawl: CrawlState; pages: OfferPage[] };

/** Reads one window of pages. Throws when the portal contradicts itself, repeats its pages or has too many pages. */
export async function readWindow(before: CrawlState, reader: PageReader): Promise<WindowResult> {
  const check = openConsistencyCheck(reader, before);
  const { crawl, pages } = await readNextWindow(before, check.reader);
  return { crawl: check.addFindings(crawl), pages };
}

async function readNextWindow(crawl: CrawlState, reader: PageReader): Promise<WindowResult> {
  if (crawl.topIds === null) return await readFirstWindow(crawl, reader);
  if (crawl.open === null) return await readFromFrame(crawl, reader);
  return await proveAndContinue(crawl, crawl.open, reader);
}

async function readFirstWindow(before: CrawlState, reader: PageReader): Promise<WindowResult> {
  const top = await reader.readPage(1);
  const crawl = noteTop(before, top);
  if (top.isLast || top.ids.length === 0) return await readSinglePage(crawl, top, reader);
  if (reader.left() < 1) return { crawl, pages: [] };
  return await readFromFrame(crawl, reader);
}

const maxSinglePageLooks = 3;

/**
 * Reads a list that seems to have only one page. This is proved when two requests for page 2 show no rows, and page 1
 * shows the same offers before and after them. One answer for page 2 proves nothing: page 1 of a long list may always
 * say that it is the last page, and then a single wrong answer would hide all other pages.
 */
async function readSinglePage(
  before: CrawlState,
  first: OfferPage,
  reader: PageReader,
): Promise<WindowResult> {
  let top = first;
  for (let looks = 0; looks < maxSinglePageLooks; looks += 1) {
    const next = await readSecondPage(top, reader, looks === 0);
    const again = await reader.readPage(1);
    const crawl = { ...before, topIds: again.ids };
    const isSingle = isPast(next, top.ids) && (again.isLast || again.ids.length === 0);
    if (!isSingle) return await readFromFrame(noteWrongEnd(crawl, { top, next, again }), reader);
    if (isSamePage(top, again)) return finishSinglePage(crawl, again);
    top = again;
  }
  return finishSinglePage(addAnomaly({ ...before, topIds: top.ids }, "restless"), top);
}

/** Reads page 2. The first look reads it again when neither page 2 nor a page behind it has rows. */
async function readSecondPage({ ids }: OfferPage, reader: PageReader, isFirst: boolean): Promise<OfferPage> {
  const second = await reader.readPage(2);
  const next = (await findBehind(second, reader)) ?? second;
  return isFirst && isPast(next, ids) ? await reader.readPage(2) : next;
}

/**
 * Page 1 said that it was the last page, but the list goes on. Adds a note about this contradiction, unless the list
 * has grown since page 1 was read.
 */
function noteWrongEnd(
  crawl: CrawlState,
  { top, next, again }: Record<"top" | "next" | "again", OfferPage>,
): CrawlState {
  const hasGrown = [next, again].every((page) => areNewOffers(page, crawl, top.ids));
  return hasGrown ? crawl : addNote(crawl, "contradicted");
}

/**
 * Finishes the crawl of a list that has only one page. No other request is needed: page 1 was read before and after the
 * request for page 2, which had no offers.
 */
function finishSinglePage(before: CrawlState, top: OfferPage): WindowResult {
  const crawl = openWindow(before, { pages: [top], repairs: noRepairs, isFramed: false });
  const proved = crawl.open === null ? crawl : confirmWindow(crawl, crawl.open, top);
  return { crawl: { ...proved, done: true }, pages: [top] };
}

async function proveAndContinue(
  before: CrawlState,
  open: OpenWindow,
  reader: PageReader,
): Promise<WindowResult> {
  const resolved = await resolveWindow(before, open, reader);
  const { boundary, probe: found, repairs } = resolved;
  const { crawl, verdict } =
    resolved.verdict === "gapped" ? retryOrGiveUp(resolved.crawl, open, boundary) : resolved;
  if (resolved.isEnd) return endWithRepairs({ ...crawl, done: true }, repairs);
  if (verdict === "still" && found !== null) {
    // When `isEnd` is true, the list has shrunk and now ends at the boundary. Offers from later pages may have moved
    // onto the boundary, so the crawl reads the boundary as the last page of the list.
    const isEnd = found.probe.number < crawl.nextPage;
    const start = isEnd ? { ...boundary, isLast: true } : boundary;
    const probe = isEnd ? start : found.probe;
    return await fillWindow({ crawl, start: [start], probe, isStill: true }, reader, repairs);
  }
  if (reader.left() < referenceFrameRequests) return endWithRepairs(crawl, repairs);
  return await readFromFrame(crawl, reader, repairs);
}

function endWithRepairs(crawl: CrawlState, repairs: Repairs): WindowResult {
  return { crawl: repairs.pages.length > 0 ? addRepairs(crawl, repairs) : crawl, pages: repairs.pages };
}

async function readFromFrame(
  crawl: CrawlState,
  reader: PageReader,
  repairs: Repairs = noRepairs,
): Promise<WindowResult> {
  return await fillWindow(await takeReferenceFrame(crawl, reader), reader, repairs);
}

/**
 * Reads the pages between the window's first pages and the probe page. Proves the last window of the list at once
 * when enough requests are left.
 */
async function fillWindow(
  frame: ReferenceFrame,
  reader: PageReader,
  repairs: Repairs,
): Promise<WindowResult> {
  const { start, probe } = frame;
  const numbers = listPageNumbers((start.at(-1)?.number ?? 0) + 1, probe.number - 1);
  const between = await rereadRepeats(await reader.readPages(numbers), frame.crawl.topIds ?? [], reader);
  const pages = [...start.filter((page) => page !== probe), ...between, probe];
  const hasEarlyEnd = pages.some((page) => page !== probe && page.isLast && !isBeyondEnd(page));
  const checked = hasEarlyEnd ? await checkEarlyEnd(frame, reader) : frame.crawl;
  if (checked === null) return await readFromFrame(frame.crawl, reader, repairs);
  assertNotCircular(pages, checked.topIds ?? []);
  const reading: WindowReading = { pages, repairs, isFramed: frame.isStill };
  const crawl = openWindow(checked, reading);
  const kept = listKeptPages(reading);
  if (crawl.open === null || !probe.isLast || reader.left() < endRequests) return { crawl, pages: kept };
  const resolved = await resolveWindow(crawl, crawl.open, reader);
  if (resolved.verdict === "gapped") return { crawl, pages: kept };
  // Without repairs, these pages are a void part. Its offers must be in the pages that are read in their place.
  if (resolved.verdict === "moved") return { crawl: resolved.crawl, pages: kept };
  return finishLastWindow(resolved, kept);
}

/**
 * Reads the probe page again, because an earlier page says that it is itself the last page of the list. When the probe
 * page still has rows, the portal contradicts itself, and the crawl gets a note. Returns null when the probe page has
 * no rows any more, because then the list has shrunk.
 */
async function checkEarlyEnd(
  { crawl, probe }: ReferenceFrame,
  reader: PageReader,
): Promise<CrawlState | null> {
  const again = await reader.readPage(probe.number);
  return isPast(again, crawl.topIds ?? []) ? null : addNote(crawl, "contradicted");
}

/**
 * Returns the result of the last window. Some of its pages were read again, so all its pages are sorted by page number,
 * which restores the list's order.
 */
function finishLastWindow({ crawl, repairs, isEnd }: ResolvedWindow, kept: OfferPage[]): WindowResult {
  const pages = [...repairs.pages, ...kept].toSorted((a, b) => a.number - b.number);
  const isDoubled = crawl.doubts.length === 0 && !hasUnseen(repairs, kept);
  const checked = isDoubled ? addAnomaly(crawl, "doubled") : crawl;
  return { crawl: { ...checked, offers: crawl.offers + countOffers(repairs.pages), done: isEnd }, pages };
}

const maxBrokenWindows = 5;

/**
 * Returns the crawl's state after a window that the rate limit has ended early. Throws at the fifth unsuccessful
 * window in a row.
 */
export function interruptWindow(crawl: CrawlState): CrawlState {
  const brokenWindows = crawl.brokenWindows + 1;
  if (brokenWindows >= maxBrokenWindows) throw describeStarvation(crawl);
  return { ...crawl, brokenWindows };
}

/**
 * Returns the error for a crawl whose requests the portal keeps refusing. The error blames other programs that use the
 * same key, but only when the portal has said how many requests remain.
 */
function describeStarvation({ limit }: CrawlState): ExportError {
  if (limit.hasTold && !limit.isOutage) return new ExportError("portal", "portal_rate_starved", starved);
  return new ExportError("portal", "portal_unavailable", limit.isOutage ? resting : refusing);
}

/**
 * The first pause while the portal is not available. Each next pause is twice as long: 1, 2 and 4 minutes. An update of
 * the portal takes less time than all pauses together.
 */
const firstPauseMs = 30_000;

/**
 * Returns the crawl's state after a window in which the portal was not available, and the pause before the next window.
 * Returns null when the crawl should fail, because the portal has never worked in this export or because this is the
 * fifth unsuccessful window in a row.
 */
export function pauseCrawl(crawl: CrawlState): { crawl: CrawlState; pauseMs: number } | null {
  const { brokenWindows, parts, hasWorked } = crawl;
  if ((parts === 0 && !hasWorked) || brokenWindows + 1 >= maxBrokenWindows) return null;
  return {
    crawl: { ...crawl, brokenWindows: brokenWindows + 1 },
    pauseMs: firstPauseMs * 2 ** brokenWindows,
  };
}

const inRow = `In ${maxBrokenWindows} windows of the rate limit in a row the portal`;
const starved =
  `${inRow} let too few requests through: something else uses this key's. Try again when it is done, or give this ` +
  "export a key of its own.";
const refusing =
  `${inRow} refused requests (429), and it has never said how many are left. Try again later; if it stays so, ask ` +
  "the portal's supplier for the key's rate limit.";
const resting = `${inRow} failed and asked for a pause, each time anew. Try again later.`;
