import { addDoubt, type Crawl, type OpenWindow } from "./crawl-state.ts";
import { countOverlap, listGaps, sumJoints } from "./offer-page--joint.ts";
import { countEntered } from "./consistency-check.ts";
import { closeWindow, explainDoubles, passWindow, voidWindow } from "./open-window.ts";
import type { Page } from "./offer-page.ts";
import type { Reader } from "./offer-page--reader.ts";

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
export type Proof = { crawl: Crawl; seam: Page } & (
  | { verdict: "still" | "moved" }
  | { verdict: "shifted"; entered: number }
  | { verdict: "gapped"; entered: number; open: OpenWindow; gaps: number[] }
);

type Looks = { seam: Page; top: Page; entered: number | null; moved: number | null };

/** Looks at the far page again, then at page 1. */
export async function proveWindow(begun: Crawl, open: OpenWindow, reader: Reader): Promise<Proof> {
  let looks = await lookAgain(begun, open, reader);
  // What enters between the two looks shows on page 1 alone; a deletion stays.
  if (looks.moved !== null && looks.moved < (looks.entered ?? 0))
    looks = await lookAgain(begun, open, reader);
  const { seam, top, entered, moved } = looks;
  const hasMoved = moved !== 0 || entered !== 0;
  const crawl = { ...begun, topIds: top.ids, shifts: begun.shifts + (hasMoved ? 1 : 0) };
  if (!open.isFramed) return giveUp(crawl, open, seam);
  if (moved !== null && moved === entered) {
    const isSame = top.ids[0] === begun.topIds?.[0];
    if (moved > 0) return explainShift(crawl, { open, seam, entered });
    const passed = passWindow(crawl, open, seam);
    return isSame
      ? { crawl: passed, seam, verdict: "still" }
      : { crawl: passed, seam, verdict: "shifted", entered };
  }
  // More offers before the far page than have entered at the near end: the others came in between.
  const isInserted = moved !== null && entered !== null && moved > entered;
  return giveUp(isInserted ? addDoubt(crawl, "inserted") : crawl, open, seam);
}

async function lookAgain(begun: Crawl, open: OpenWindow, reader: Reader): Promise<Looks> {
  const seam = await readFilled(open.farPage, reader);
  const top = await readFilled(1, reader);
  return { seam, top, entered: countEntered(begun.topIds ?? [], top.ids), moved: countMoved(open, seam) };
}

/** A page that had rows before is asked for again where it has none. */
async function readFilled(number: number, reader: Reader): Promise<Page> {
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
  crawl: Crawl,
  { open, seam, entered }: { open: OpenWindow; seam: Page; entered: number },
): Proof {
  if (open.joints === null) return giveUp(crawl, open, seam);
  const overlap = countOverlap(crawl.seamIds, seam.ids);
  const atSeam = overlap > 0 ? [{ page: open.farPage - 1, offers: overlap }] : [];
  const joints = [...open.joints, ...atSeam];
  const missed = sumJoints(joints) - entered;
  if (missed < 0) return giveUp(crawl, open, seam);
  const explained = explainDoubles(open);
  if (missed > 0) return { crawl, seam, verdict: "gapped", entered, open: explained, gaps: listGaps(joints) };
  return { crawl: passWindow(crawl, explained, seam), seam, verdict: "shifted", entered };
}

/** The window is to be read again, unless that has been in vain too often or there is nothing left to prove. */
export function giveUp(crawl: Crawl, open: OpenWindow, seam: Page): Proof {
  const isLost = crawl.tries + 1 >= mostTries;
  if (crawl.doubts.length === 0 && !isLost) return { crawl: voidWindow(crawl, open), seam, verdict: "moved" };
  const doubted = isLost ? addDoubt(crawl, "restless") : crawl;
  return { crawl: closeWindow(doubted, seam), seam, verdict: "shifted", entered: 0 };
}

/** How many offers now stand on the far page before the one that was its first; null when that is not there. */
function countMoved({ farIds }: OpenWindow, seam: Page): number | null {
  const [firstId] = farIds;
  if (firstId === undefined) return seam.ids.length === 0 ? 0 : null;
  const moved = seam.ids.indexOf(firstId);
  return moved < 0 ? null : moved;
}
