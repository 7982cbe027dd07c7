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
import { findProbePage, type FoundProbePage, referenceFrameRequests } from "./probe-page.ts";

/**
 * Proves a window by two looks after its pages: at the probe page, which is called the boundary from then on, and
 * at page 1.
 *
 * Example: since the window began, page 1 shows two new offers, and the offer that was first on the probe page now
 * stands third. Two offers have entered and the probe page has moved by two, so nothing was deleted before it. When
 * each page of the window was read, the list had shifted by 0, 1 or 2 offers. Pages are read in any order, so the
 * shift may rise or fall from one page to the next. When it rises, the two pages overlap. When it falls, offers
 * between the two pages are hidden. It starts at 0 and ends at 2, so overlaps minus hidden offers make 2. Two
 * overlapping offers mean that none is hidden. Three mean that one is hidden: then the pages between the first and
 * the last overlap are read again.
 */

/** A window is read this often before the list counts as too restless. */
const maxTries = 3;

/**
 * The result of the two looks:
 * `still`: nothing has moved. The window is proved, and the next one may start at once.
 * `shifted`: the window is proved although offers have entered, or it is given up with an anomaly. The next window
 * must take a reference frame.
 * `gapped`: offers have entered, and the pages `suspects` may lack some.
 * `moved`: the window is void.
 */
type WindowProof = { crawl: CrawlState; boundary: OfferPage } & (
  | { verdict: "still" | "moved" }
  | { verdict: "shifted"; entered: number }
  | { verdict: "gapped"; entered: number; open: OpenWindow; suspects: number[] }
);

/**
 * `entered` is the number of new offers on page 1, `moved` the number of offers before the one that was first on the
 * probe page. Each is null when the page shows none of its former offers.
 */
type Looks = { boundary: OfferPage; top: OfferPage; entered: number | null; moved: number | null };

async function proveWindow(before: CrawlState, open: OpenWindow, reader: PageReader): Promise<WindowProof> {
  let looks = await lookAgain(before, open, reader);
  // The probe page has moved by fewer offers than have entered at page 1. Either an offer entered between the two
  // looks, or an offer was deleted. Only after a deletion do two more looks show the same difference.
  if (looks.moved !== null && looks.moved < (looks.entered ?? 0))
    looks = await lookAgain(before, open, reader);
  const { boundary, top, entered, moved } = looks;
  const hasMoved = moved !== 0 || entered !== 0;
  const crawl = { ...before, topIds: top.ids, shifts: before.shifts + (hasMoved ? 1 : 0) };
  if (!open.isFramed) return retryOrGiveUp(crawl, open, boundary);
  if (moved !== null && moved === entered) {
    const isSameTop = top.ids[0] === before.topIds?.[0];
    if (moved > 0) return explainShift(crawl, { open, boundary, entered });
    const proved = confirmWindow(crawl, open, boundary);
    return isSameTop
      ? { crawl: proved, boundary, verdict: "still" }
      : { crawl: proved, boundary, verdict: "shifted", entered };
  }
  // The probe page has moved by more offers than have entered at page 1, so the others were inserted in between.
  const isInserted = moved !== null && entered !== null && moved > entered;
  return retryOrGiveUp(isInserted ? addAnomaly(crawl, "inserted") : crawl, open, boundary);
}

async function lookAgain(before: CrawlState, open: OpenWindow, reader: PageReader): Promise<Looks> {
  const boundary = await readFilledPage(open.farPage, reader);
  const top = await readFilledPage(1, reader);
  return {
    boundary,
    top,
    entered: countNewOffers(before.topIds ?? [], top.ids),
    moved: countMoved(open, boundary),
  };
}

/** Reads a page that had rows before: the reader asks again when it has none. */
async function readFilledPage(number: number, reader: PageReader): Promise<OfferPage> {
  const [page] = await reader.readPages([number]);
  return page ?? (await reader.readPage(number));
}

/** Compares the overlaps with the number of offers that have entered, as the example above explains. */
function explainShift(
  crawl: CrawlState,
  { open, boundary, entered }: { open: OpenWindow; boundary: OfferPage; entered: number },
): WindowProof {
  if (open.joints === null) return retryOrGiveUp(crawl, open, boundary);
  const overlap = countOverlap(crawl.seamIds, boundary.ids);
  const atBoundary = overlap > 0 ? [{ page: open.farPage - 1, offers: overlap }] : [];
  const overlaps = [...open.joints, ...atBoundary];
  const hidden = sumOverlaps(overlaps) - entered;
  if (hidden < 0) return retryOrGiveUp(crawl, open, boundary);
  const explained = discountShiftedDuplicates(open);
  if (hidden > 0)
    return {
      crawl,
      boundary,
      verdict: "gapped",
      entered,
      open: explained,
      suspects: listSuspectPages(overlaps),
    };
  return { crawl: confirmWindow(crawl, explained, boundary), boundary, verdict: "shifted", entered };
}

/** Voids the window, so that it is read again. Gives up after too many tries, or when the crawl has an anomaly. */
export function retryOrGiveUp(crawl: CrawlState, open: OpenWindow, boundary: OfferPage): WindowProof {
  const isLost = crawl.tries + 1 >= maxTries;
  if (crawl.doubts.length === 0 && !isLost)
    return { crawl: voidWindow(crawl, open), boundary, verdict: "moved" };
  const uncertain = isLost ? addAnomaly(crawl, "restless") : crawl;
  return { crawl: closeWindow(uncertain, boundary), boundary, verdict: "shifted", entered: 0 };
}

/** Returns the number of offers before the one that was first on the probe page; null when it is not there any more. */
function countMoved({ farIds }: OpenWindow, boundary: OfferPage): number | null {
  const [firstId] = farIds;
  if (firstId === undefined) return boundary.ids.length === 0 ? 0 : null;
  const moved = boundary.ids.indexOf(firstId);
  return moved < 0 ? null : moved;
}

export type ResolvedWindow = {
  crawl: CrawlState;
  /** `gapped` when the rate limit leaves too few requests for the repair. */
  verdict: WindowProof["verdict"];
  boundary: OfferPage;
  /** The next window's probe page; null after the last window. */
  probe: FoundProbePage | null;
  /** Pages that belong to the proved window and go into the next part. */
  repairs: OfferPage[];
  /** True when no more pages follow. */
  isEnd: boolean;
};

/**
 * Proves the open window. It reads the next window's probe page first, so that the two windows' proofs leave no
 * time between them. When offers may be hidden, it reads the suspect pages again and proves them by two more looks.
 */
export async function resolveWindow(
  before: CrawlState,
  open: OpenWindow,
  reader: PageReader,
  earlierIds: string[] = [],
): Promise<ResolvedWindow> {
  const seenIds = [...earlierIds, ...open.farIds];
  const probe = open.isLast ? null : await findProbePage(before, reader);
  const proof = await proveWindow(probe?.crawl ?? before, open, reader);
  const { boundary, verdict } = proof;
  const pushed = open.isLast && "entered" in proof ? listPushed(boundary, proof.entered) : [];
  if (proof.verdict !== "gapped") {
    const isLast = open.isLast && verdict !== "moved";
    const ended = isLast
      ? await checkBehindEnd(proof.crawl, { boundary, seenIds }, reader)
      : { crawl: proof.crawl, isEnd: false };
    return { ...ended, boundary, verdict, probe, repairs: pushed };
  }
  const { crawl } = proof;
  if (proof.suspects.length + referenceFrameRequests > reader.left())
    return { crawl, boundary, verdict, probe, repairs: [], isEnd: false };
  const repaired = await reader.readPages(proof.suspects);
  const doubles = proof.open.doubles + countDuplicates(repaired);
  const reopened = { ...proof.open, farIds: boundary.ids, joints: null, doubles };
  const next = await resolveWindow({ ...crawl, open: reopened }, reopened, reader, seenIds);
  return next.verdict === "moved" ? next : { ...next, repairs: [...repaired, ...pushed, ...next.repairs] };
}

/** When the list goes on behind its end more often than this, it grows faster than it can be read. */
const maxExtensions = 3;

/**
 * Asks for the page behind the end again, after all other pages. Offers there that are older than the crawl were
 * hidden before, so the crawl continues with that page.
 */
async function checkBehindEnd(
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

/** Returns the offers that a shift has pushed onto the last page. No other window will read them. */
function listPushed(boundary: OfferPage, entered: number): OfferPage[] {
  return entered === 0
    ? []
    : [{ ...boundary, offers: boundary.offers.slice(0, entered), ids: boundary.ids.slice(0, entered) }];
}
