import { addAnomaly, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { countOverlap, listSuspectPages, sumOverlaps } from "./offer-page--joint.ts";
import { countNewOffers } from "./consistency-check.ts";
import { closeWindow, discountShiftedDuplicates, confirmWindow, voidWindow } from "./open-window.ts";
import type { OfferPage } from "./offer-page.ts";
import type { PageReader } from "./offer-page--reader.ts";

/** Readings of one window before the portal is taken for too restless. */
const mostTries = 3;

/**
 * What the far page (`seam`) and page 1 showed when they were looked at again:
 * `still`: nothing has moved, the next window may begin here and now;
 * `shifted`: proved, or given up for good, but the next window must begin afresh. As many new offers lie before
 * the far page as have entered, and none was missed;
 * `gapped`: the same, but offers may have slipped through between the pages `gaps`;
 * `moved`: the window is void.
 */
export type WindowProof = { crawl: CrawlState; seam: OfferPage } & (
  | { verdict: "still" | "moved" }
  | { verdict: "shifted"; entered: number }
  | { verdict: "gapped"; entered: number; open: OpenWindow; gaps: number[] }
);

type Looks = { seam: OfferPage; top: OfferPage; entered: number | null; moved: number | null };

/** Looks at the far page again, then at page 1. */
export async function proveWindow(begun: CrawlState, open: OpenWindow, reader: PageReader): Promise<WindowProof> {
  let looks = await lookAgain(begun, open, reader);
  // What enters between the two looks shows on page 1 alone; a deletion stays.
  if (looks.moved !== null && looks.moved < (looks.entered ?? 0))
    looks = await lookAgain(begun, open, reader);
  const { seam, top, entered, moved } = looks;
  const hasMoved = moved !== 0 || entered !== 0;
  const crawl = { ...begun, topIds: top.ids, shifts: begun.shifts + (hasMoved ? 1 : 0) };
  if (!open.isFramed) return retryOrGiveUp(crawl, open, seam);
  if (moved !== null && moved === entered) {
    const isSame = top.ids[0] === begun.topIds?.[0];
    if (moved > 0) return explainShift(crawl, { open, seam, entered });
    const passed = confirmWindow(crawl, open, seam);
    return isSame
      ? { crawl: passed, seam, verdict: "still" }
      : { crawl: passed, seam, verdict: "shifted", entered };
  }
  // More offers before the far page than have entered at the near end: the others came in between.
  const isInserted = moved !== null && entered !== null && moved > entered;
  return retryOrGiveUp(isInserted ? addAnomaly(crawl, "inserted") : crawl, open, seam);
}

async function lookAgain(begun: CrawlState, open: OpenWindow, reader: PageReader): Promise<Looks> {
  const seam = await readFilled(open.farPage, reader);
  const top = await readFilled(1, reader);
  return { seam, top, entered: countNewOffers(begun.topIds ?? [], top.ids), moved: countMoved(open, seam) };
}

/** A page that had rows before is asked for again where it has none. */
async function readFilled(number: number, reader: PageReader): Promise<OfferPage> {
  const [page] = await reader.readPages([number]);
  return page ?? (await reader.readPage(number));
}

/**
 * As many offers stand before the far page's first one as have entered since page 1 was looked at before it.
 * So none was deleted there, for that would have left fewer; and each page lies shifted by what had entered
 * when it was read, from nothing at the window's start to all of it at the seam. Where that grows from one
 * page to the next they overlap, where it falls (they are read out of order) offers are missed: so overlaps
 * minus misses are what has entered.
 */
function explainShift(
  crawl: CrawlState,
  { open, seam, entered }: { open: OpenWindow; seam: OfferPage; entered: number },
): WindowProof {
  if (open.joints === null) return retryOrGiveUp(crawl, open, seam);
  const overlap = countOverlap(crawl.seamIds, seam.ids);
  const atSeam = overlap > 0 ? [{ page: open.farPage - 1, offers: overlap }] : [];
  const joints = [...open.joints, ...atSeam];
  const missed = sumOverlaps(joints) - entered;
  if (missed < 0) return retryOrGiveUp(crawl, open, seam);
  const explained = discountShiftedDuplicates(open);
  if (missed > 0) return { crawl, seam, verdict: "gapped", entered, open: explained, gaps: listSuspectPages(joints) };
  return { crawl: confirmWindow(crawl, explained, seam), seam, verdict: "shifted", entered };
}

/** The window is to be read again, unless that has been in vain too often or there is nothing left to prove. */
export function retryOrGiveUp(crawl: CrawlState, open: OpenWindow, seam: OfferPage): WindowProof {
  const isLost = crawl.tries + 1 >= mostTries;
  if (crawl.doubts.length === 0 && !isLost) return { crawl: voidWindow(crawl, open), seam, verdict: "moved" };
  const doubted = isLost ? addAnomaly(crawl, "restless") : crawl;
  return { crawl: closeWindow(doubted, seam), seam, verdict: "shifted", entered: 0 };
}

/** How many offers now stand on the far page before the one that was its first; null when that is not there. */
function countMoved({ farIds }: OpenWindow, seam: OfferPage): number | null {
  const [firstId] = farIds;
  if (firstId === undefined) return seam.ids.length === 0 ? 0 : null;
  const moved = seam.ids.indexOf(firstId);
  return moved < 0 ? null : moved;
}
