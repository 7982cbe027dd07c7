import { countNewOffers } from "./consistency-check.ts";
import { addAnomaly, addNote, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { isPast } from "./last-page-search.ts";
import {
  areNewOffers,
  countOverlap,
  isSamePage,
  listSuspectPages,
  type OfferPage,
  type PageReader,
  sumOverlaps,
} from "./offer-page.ts";
import {
  closeWindow,
  confirmWindow,
  countDuplicates,
  discountShiftedDuplicates,
  voidWindow,
} from "./open-window.ts";
import { type Far, findProbePage, referenceFrameRequests } from "./probe-page.ts";

/** Readings of one window before the portal is taken for too restless. */
const maxTries = 3;

/**
 * What the far page (`seam`) and page 1 showed when they were looked at again:
 * `still`: nothing has moved, the next window may begin here and now;
 * `shifted`: proved, or given up for good, but the next window must begin afresh. As many new offers lie before
 * the far page as have entered, and none was missed;
 * `gapped`: the same, but offers may have slipped through between the pages `gaps`;
 * `moved`: the window is void.
 */
export type WindowProof = { crawl: CrawlState; boundary: OfferPage } & (
  | { verdict: "still" | "moved" }
  | { verdict: "shifted"; entered: number }
  | { verdict: "gapped"; entered: number; open: OpenWindow; gaps: number[] }
);

type Looks = { boundary: OfferPage; top: OfferPage; entered: number | null; moved: number | null };

/** Looks at the far page again, then at page 1. */
export async function proveWindow(
  begun: CrawlState,
  open: OpenWindow,
  reader: PageReader,
): Promise<WindowProof> {
  let looks = await lookAgain(begun, open, reader);
  // What enters between the two looks shows on page 1 alone; a deletion stays.
  if (looks.moved !== null && looks.moved < (looks.entered ?? 0))
    looks = await lookAgain(begun, open, reader);
  const { boundary, top, entered, moved } = looks;
  const hasMoved = moved !== 0 || entered !== 0;
  const crawl = { ...begun, topIds: top.ids, shifts: begun.shifts + (hasMoved ? 1 : 0) };
  if (!open.isFramed) return retryOrGiveUp(crawl, open, boundary);
  if (moved !== null && moved === entered) {
    const isSame = top.ids[0] === begun.topIds?.[0];
    if (moved > 0) return explainShift(crawl, { open, boundary, entered });
    const passed = confirmWindow(crawl, open, boundary);
    return isSame
      ? { crawl: passed, boundary, verdict: "still" }
      : { crawl: passed, boundary, verdict: "shifted", entered };
  }
  // More offers before the far page than have entered at the near end: the others came in between.
  const isInserted = moved !== null && entered !== null && moved > entered;
  return retryOrGiveUp(isInserted ? addAnomaly(crawl, "inserted") : crawl, open, boundary);
}

async function lookAgain(begun: CrawlState, open: OpenWindow, reader: PageReader): Promise<Looks> {
  const boundary = await readFilled(open.farPage, reader);
  const top = await readFilled(1, reader);
  return {
    boundary,
    top,
    entered: countNewOffers(begun.topIds ?? [], top.ids),
    moved: countMoved(open, boundary),
  };
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
  { open, boundary, entered }: { open: OpenWindow; boundary: OfferPage; entered: number },
): WindowProof {
  if (open.joints === null) return retryOrGiveUp(crawl, open, boundary);
  const overlap = countOverlap(crawl.seamIds, boundary.ids);
  const atSeam = overlap > 0 ? [{ page: open.farPage - 1, offers: overlap }] : [];
  const joints = [...open.joints, ...atSeam];
  const missed = sumOverlaps(joints) - entered;
  if (missed < 0) return retryOrGiveUp(crawl, open, boundary);
  const explained = discountShiftedDuplicates(open);
  if (missed > 0)
    return { crawl, boundary, verdict: "gapped", entered, open: explained, gaps: listSuspectPages(joints) };
  return { crawl: confirmWindow(crawl, explained, boundary), boundary, verdict: "shifted", entered };
}

/** The window is to be read again, unless that has been in vain too often or there is nothing left to prove. */
export function retryOrGiveUp(crawl: CrawlState, open: OpenWindow, boundary: OfferPage): WindowProof {
  const isLost = crawl.tries + 1 >= maxTries;
  if (crawl.doubts.length === 0 && !isLost)
    return { crawl: voidWindow(crawl, open), boundary, verdict: "moved" };
  const doubted = isLost ? addAnomaly(crawl, "restless") : crawl;
  return { crawl: closeWindow(doubted, boundary), boundary, verdict: "shifted", entered: 0 };
}

/** How many offers now stand on the far page before the one that was its first; null when that is not there. */
function countMoved({ farIds }: OpenWindow, boundary: OfferPage): number | null {
  const [firstId] = farIds;
  if (firstId === undefined) return boundary.ids.length === 0 ? 0 : null;
  const moved = boundary.ids.indexOf(firstId);
  return moved < 0 ? null : moved;
}

/**
 * `far` is the next window's, none after the last one; `lead` are pages that belong to the window just proved.
 * `gapped` when the rate limit leaves too little to mend it. `isEnd` when no more pages follow.
 */
export type ResolvedWindow = {
  crawl: CrawlState;
  verdict: WindowProof["verdict"];
  boundary: OfferPage;
  probe: Far | null;
  lead: OfferPage[];
  isEnd: boolean;
};

/**
 * Proves the open window, the next one's far page being read before, so that the proofs overlap. Where offers
 * may have slipped through, the pages between are read again, and the same looks after them prove those.
 */
export async function resolveWindow(
  begun: CrawlState,
  open: OpenWindow,
  reader: PageReader,
  shownIds: string[] = [],
): Promise<ResolvedWindow> {
  const seenIds = [...shownIds, ...open.farIds];
  const probe = open.isLast ? null : await findProbePage(begun, reader);
  const proof = await proveWindow(probe?.crawl ?? begun, open, reader);
  const { boundary, verdict } = proof;
  const slid = open.isLast && "entered" in proof ? listSlid(boundary, proof.entered) : [];
  if (proof.verdict !== "gapped") {
    const isLast = open.isLast && verdict !== "moved";
    const ended = isLast
      ? await checkEnd(proof.crawl, { boundary, seenIds }, reader)
      : { crawl: proof.crawl, isEnd: false };
    return { ...ended, boundary, verdict, probe, lead: slid };
  }
  const { crawl } = proof;
  if (proof.gaps.length + referenceFrameRequests > reader.left())
    return { crawl, boundary, verdict, probe, lead: [], isEnd: false };
  const mended = await reader.readPages(proof.gaps);
  const doubles = proof.open.doubles + countDuplicates(mended);
  const reopened = { ...proof.open, farIds: boundary.ids, joints: null, doubles };
  const next = await resolveWindow({ ...crawl, open: reopened }, reopened, reader, seenIds);
  return next.verdict === "moved" ? next : { ...next, lead: [...mended, ...slid, ...next.lead] };
}

/** More than that is a list which grows faster than its end can be read. */
const maxExtensions = 3;

/**
 * The page behind the end is asked for again after all others. Offers there that are older than the crawl were
 * hidden before: the crawl goes on with that page.
 */
async function checkEnd(
  crawl: CrawlState,
  { boundary, seenIds }: { boundary: OfferPage; seenIds: string[] },
  reader: PageReader,
): Promise<{ crawl: CrawlState; isEnd: boolean }> {
  const next = await reader.readPage(boundary.number + 1);
  const isBehind = isPast(next, crawl.topIds ?? []) || isSamePage(next, boundary);
  if (isBehind || areNewOffers(next, crawl, [...seenIds, ...boundary.ids])) return { crawl, isEnd: true };
  const noted = addNote(crawl, "contradicted");
  if (crawl.extensions >= maxExtensions) return { crawl: addAnomaly(noted, "restless"), isEnd: true };
  const extended = { ...noted, nextPage: next.number, expectedPages: null, extensions: crawl.extensions + 1 };
  return { crawl: extended, isEnd: false };
}

/** What the shift has brought over the boundary onto the last page: no other window will read it. */
function listSlid(boundary: OfferPage, entered: number): OfferPage[] {
  return entered === 0
    ? []
    : [{ ...boundary, offers: boundary.offers.slice(0, entered), ids: boundary.ids.slice(0, entered) }];
}
