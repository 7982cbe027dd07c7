import { addAnomaly, type CrawlState } from "./crawl-state.ts";
import { type Far, findProbePage } from "./probe-page.ts";
import type { OfferPage } from "./offer-page.ts";
import type { PageReader } from "./offer-page--reader.ts";

/** The first looks of a window that stands by itself: far page, start and page 1. */
export const referenceFrameRequests = 3;
const mostFrames = 3;
/** Pages to go back for an offer that is known: more than that are not deleted at once by hand. */
const mostBack = 8;

/** `start` are a window's first pages; `isStill` when nothing has entered since the last look at page 1. */
export type ReferenceFrame = { crawl: CrawlState; start: OfferPage[]; far: OfferPage; isStill: boolean };

/**
 * Looks at the far page, then at where the window starts, then at page 1: what has not entered by the last
 * of these looks had not by the first. Taken again when something has; a window that finds no such moment is
 * read all the same, but nothing will prove it.
 */
export async function takeReferenceFrame(
  begun: CrawlState,
  reader: PageReader,
  { given, frames = mostFrames }: { given?: Far; frames?: number } = {},
): Promise<ReferenceFrame> {
  const { crawl: known, far } = given ?? (await findProbePage(begun, reader));
  const start = await findStart(known, far, reader);
  const [first = far] = start;
  const top = first.number === 1 ? first : await reader.readPage(1);
  const isStill = top.ids[0] === known.topIds?.[0];
  const crawl = { ...known, topIds: top.ids };
  if (isStill || frames === 1) return { crawl: checkStart(crawl, first), start, far, isStill };
  return await takeReferenceFrame(crawl, reader, { frames: frames - 1 });
}

/** The pages from one with a known offer, or from page 1, to the one that was due: all after the far page. */
async function findStart(crawl: CrawlState, far: OfferPage, reader: PageReader): Promise<OfferPage[]> {
  const due = Math.max(1, Math.min(crawl.nextPage - 1, far.number));
  let [first = far] = due === far.number ? [far] : await reader.readPages([due]);
  const start = [first];
  while (!isKnown(crawl, first) && start.length <= mostBack) {
    first = await reader.readPage(first.number - 1);
    start.unshift(first);
  }
  return start;
}

function isKnown({ seamIds }: CrawlState, { number, ids }: OfferPage): boolean {
  return number === 1 || ids.some((id) => seamIds.includes(id));
}

function checkStart(crawl: CrawlState, first: OfferPage): CrawlState {
  return isKnown(crawl, first) ? crawl : addAnomaly(crawl, "slid");
}
