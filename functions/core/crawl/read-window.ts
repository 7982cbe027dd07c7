import { ExportError } from "../basics/errors.ts";
import { openConsistencyCheck } from "./consistency-check.ts";
import { addAnomaly, addNote, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { assertNotCircular, findBehind, isPast } from "./last-page-search.ts";
import {
  areNewOffers,
  isBeyondEnd,
  isSamePage,
  listPageNumbers,
  type OfferPage,
  type PageReader,
} from "./offer-page.ts";
import {
  addLead,
  confirmWindow,
  countOffers,
  listKeptPages,
  openWindow,
  type WindowReading,
} from "./open-window.ts";
import {
  endRequests,
  type ReferenceFrame,
  referenceFrameRequests,
  takeReferenceFrame,
} from "./probe-page.ts";
import { type ResolvedWindow, resolveWindow, retryOrGiveUp } from "./window-proof.ts";

/** What a window brought: `pages` become the next part; none when it only proved the one before. */
export type WindowResult = { crawl: CrawlState; pages: OfferPage[] };

/**
 * Reads the next window and proves the one before. The order of the requests is the proof: the farthest page
 * first, the far page before it again, page 1, then the others. When a far page stands unmoved after the
 * others and page 1 begins as it did, nothing moved over the pages between, so none was skipped: an offer
 * that was deleted would have moved the far page, one that was added before it would stand on page 1. Where
 * exactly what stands on page 1 has moved the far page, `proof.ts` tells why that proves it too.
 * This holds as long as offers that stay keep their order, new ones enter at one end, and none is added and
 * deleted again between two of these looks. What contradicts that becomes a doubt.
 */
export async function readWindow(begun: CrawlState, reader: PageReader): Promise<WindowResult> {
  const check = openConsistencyCheck(reader, begun);
  const { crawl, pages } = await readDue(begun, check.reader);
  return { crawl: check.testify(crawl), pages };
}

async function readDue(crawl: CrawlState, reader: PageReader): Promise<WindowResult> {
  if (crawl.topIds === null) return await readFirst(crawl, reader);
  if (crawl.open === null) return await readAfresh(crawl, reader);
  return await readNext(crawl, crawl.open, reader);
}

async function readFirst(begun: CrawlState, reader: PageReader): Promise<WindowResult> {
  const top = await reader.readPage(1);
  const crawl = { ...begun, topIds: top.ids };
  if (top.isLast || top.ids.length === 0) return await readShort(crawl, top, reader);
  if (reader.left() < 1) return { crawl, pages: [] };
  return await readAfresh(crawl, reader);
}

const maxShortLooks = 3;

/** Page 1 seems to be the whole list: page 2 has no rows then, and page 1 shows the same after it. */
async function readShort(begun: CrawlState, first: OfferPage, reader: PageReader): Promise<WindowResult> {
  let top = first;
  for (let looks = 0; looks < maxShortLooks; looks += 1) {
    const second = await reader.readPage(2);
    const next = (await findBehind(second, reader)) ?? second;
    const again = await reader.readPage(1);
    const crawl = { ...begun, topIds: again.ids };
    const isShort = isPast(next, top.ids) && (again.isLast || again.ids.length === 0);
    if (!isShort) return await readAfresh(noteClaim(crawl, { top, next, again }), reader);
    if (isSamePage(top, again)) return readOnly(crawl, again);
    top = again;
  }
  return readOnly(addAnomaly({ ...begun, topIds: top.ids }, "restless"), top);
}

/** Page 1 was wrong about being the last page, unless the list has grown meanwhile. */
function noteClaim(
  crawl: CrawlState,
  { top, next, again }: Record<"top" | "next" | "again", OfferPage>,
): CrawlState {
  const hasGrown = [next, again].every((page) => areNewOffers(page, crawl, top.ids));
  return hasGrown ? crawl : addNote(crawl, "contradicted");
}

/** The looks around page 2 have proved the page: no window follows. */
function readOnly(begun: CrawlState, top: OfferPage): WindowResult {
  const crawl = openWindow(begun, { pages: [top], lead: [], isFramed: false });
  const passed = crawl.open === null ? crawl : confirmWindow(crawl, crawl.open, top);
  return { crawl: { ...passed, done: true }, pages: [top] };
}

async function readNext(begun: CrawlState, open: OpenWindow, reader: PageReader): Promise<WindowResult> {
  const settled = await resolveWindow(begun, open, reader);
  const { boundary, probe: next, lead } = settled;
  const { crawl, verdict } =
    settled.verdict === "gapped" ? retryOrGiveUp(settled.crawl, open, boundary) : settled;
  if (settled.isEnd) return endWindow({ ...crawl, done: true }, lead);
  if (verdict === "still" && next !== null) {
    // A list that has come to end at the seam may hold there what has slid over from behind it.
    const isEnd = next.probe.number < crawl.nextPage;
    const start = isEnd ? { ...boundary, isLast: true } : boundary;
    const probe = isEnd ? start : next.probe;
    return await fillWindow({ crawl, start: [start], probe, isStill: true }, reader, lead);
  }
  if (reader.left() < referenceFrameRequests) return endWindow(crawl, lead);
  return await readAfresh(crawl, reader, lead);
}

function endWindow(crawl: CrawlState, lead: OfferPage[]): WindowResult {
  return { crawl: lead.length > 0 ? addLead(crawl, lead) : crawl, pages: lead };
}

async function readAfresh(
  crawl: CrawlState,
  reader: PageReader,
  lead: OfferPage[] = [],
): Promise<WindowResult> {
  return await fillWindow(await takeReferenceFrame(crawl, reader), reader, lead);
}

/** Reads what lies between the start and the far page, and where that is the last one, proves it at once if it may. */
async function fillWindow(
  frame: ReferenceFrame,
  reader: PageReader,
  lead: OfferPage[],
): Promise<WindowResult> {
  const { start, probe } = frame;
  const between = await reader.readPages(listPageNumbers((start.at(-1)?.number ?? 0) + 1, probe.number - 1));
  const pages = [...start.filter((page) => page !== probe), ...between, probe];
  const ended = pages.some((page) => page !== probe && page.isLast && !isBeyondEnd(page));
  const checked = ended ? await checkClaim(frame, reader) : frame.crawl;
  if (checked === null) return await readAfresh(frame.crawl, reader, lead);
  assertNotCircular(pages, checked.topIds ?? []);
  const reading: WindowReading = { pages, lead, isFramed: frame.isStill };
  const crawl = openWindow(checked, reading);
  const kept = listKeptPages(reading);
  if (crawl.open === null || !probe.isLast || reader.left() < endRequests) return { crawl, pages: kept };
  const settled = await resolveWindow(crawl, crawl.open, reader);
  if (settled.verdict === "gapped") return { crawl, pages: kept };
  if (settled.verdict === "moved") return { crawl: settled.crawl, pages: lead.length > 0 ? kept : [] };
  return finishWindow(settled, kept);
}

/** A page says that it is the last one, yet the far page has rows: still, or the list has shrunk meanwhile (null). */
async function checkClaim({ crawl, probe }: ReferenceFrame, reader: PageReader): Promise<CrawlState | null> {
  const again = await reader.readPage(probe.number);
  return isPast(again, crawl.topIds ?? []) ? null : addNote(crawl, "contradicted");
}

/** Pages that were read again stand before what they replace, so that the list's order is kept. */
function finishWindow({ crawl, lead, isEnd }: ResolvedWindow, kept: OfferPage[]): WindowResult {
  const pages = [...lead, ...kept].toSorted((a, b) => a.number - b.number);
  return { crawl: { ...crawl, offers: crawl.offers + countOffers(lead), done: isEnd }, pages };
}

/** A window that brought nothing: it is due again, but not for ever. */

const maxBrokenWindows = 5;

/** The crawl after a window that the rate limit broke off. Throws when that has happened too often in a row. */
export function interruptWindow(crawl: CrawlState): CrawlState {
  const brokenWindows = crawl.brokenWindows + 1;
  if (brokenWindows >= maxBrokenWindows) throw describeStarving(crawl);
  return { ...crawl, brokenWindows };
}

/** Others are named only by a portal's own count: nothing else shows that there are any. */
function describeStarving({ limit }: CrawlState): ExportError {
  if (limit.hasTold && !limit.isOutage) return new ExportError("portal", "portal_rate_starved", starved);
  return new ExportError("portal", "portal_unavailable", limit.isOutage ? resting : refusing);
}

/** 30 s, 1, 2 and 4 minutes: a portal that is being updated is back by then. */
const firstPauseMs = 30_000;

/**
 * The crawl after a window in which the portal was away, and how long to let it be. Null when that is not worth
 * it: it has never worked in this export, or it has been away for too long.
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
