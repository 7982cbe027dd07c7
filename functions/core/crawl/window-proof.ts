import { countNewOffers, noteTop } from "./consistency-check.ts";
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
  noRepairs,
  type Repairs,
  voidWindow,
} from "./open-window.ts";
import { findProbePage, type FoundProbePage, referenceFrameRequests } from "./probe-page.ts";

/**
 * Proves that a window has missed no offer. After all other pages of the window, the probe page and page 1 are read
 * again. From then on, the probe page is called the boundary.
 *
 * Example: since the window began, two new offers have appeared on page 1, and the probe page has moved by two places:
 * its first offer now stands third there. So no offer before the probe page was deleted, because the two new offers
 * explain the whole move. When each page of the window was read, the list had shifted by 0, 1 or 2 offers. Pages are
 * read in any order, so the shift may rise or fall from one page to the next. Where the shift rises, the two pages
 * overlap. Where it falls, offers between the two pages are hidden. The shift starts at 0 and ends at 2, so the number
 * of overlapping offers minus the number of hidden offers is 2. Two overlapping offers mean that no offer is hidden.
 * Three mean that one offer is hidden: then the pages between the first and the last overlap are read again.
 */

/** A window is read at most this many times. When its proof fails each time, the list changes too fast to be read. */
const maxTries = 3;

/**
 * The result of the two requests that prove a window:
 * `still`: nothing has moved. The window is proved, and the next window may start at once.
 * `shifted`: the window is proved although page 1 has changed, or the crawl has given up the proof and has an anomaly.
 * In both cases the next window must take a reference frame.
 * `gapped`: offers have appeared on page 1, and `hidden` offers of the pages in `suspects` have not been read.
 * `moved`: the window is void, and its pages are read again.
 */
type WindowProof = { crawl: CrawlState; boundary: OfferPage } & (
  | { verdict: "still" | "moved" }
  | { verdict: "shifted"; entered: number }
  | { verdict: "gapped"; entered: number; open: OpenWindow; suspects: number[]; hidden: number }
);

/**
 * `entered` is the number of new offers on page 1; null when page 1 shows none of its earlier offers. `moved` is the
 * number of places by which the first offer of the probe page has moved; null when the boundary does not show this
 * offer.
 */
type Looks = { boundary: OfferPage; top: OfferPage; entered: number | null; moved: number | null };

async function proveWindow(before: CrawlState, open: OpenWindow, reader: PageReader): Promise<WindowProof> {
  let looks = await lookAgain(before, open, reader);
  // The probe page has moved by fewer places than page 1 has new offers. Either an offer was deleted, or an offer
  // appeared between the requests for the two pages. Two more requests tell which: only after a deletion do they show
  // the same difference.
  // Two more requests also follow when the probe page shows an offer of page 1, because one of the two pages is wrong.
  if (hasTopOffer(looks) || (looks.moved !== null && looks.moved < (looks.entered ?? 0)))
    looks = await lookAgain(before, open, reader);
  const { boundary, top, entered, moved } = looks;
  const hasMoved = moved !== 0 || entered !== 0;
  const crawl = { ...noteTop(before, top), shifts: before.shifts + (hasMoved ? 1 : 0) };
  if (!open.isFramed || hasLaterOffers(crawl, open, boundary)) return retryOrGiveUp(crawl, open, boundary);
  if (moved !== null && moved === entered) {
    const isSameTop = top.ids[0] === before.topIds?.[0];
    if (moved > 0) return explainShift(crawl, { open, boundary, entered });
    const proved = confirmWindow(crawl, open, boundary);
    return isSameTop
      ? { crawl: proved, boundary, verdict: "still" }
      : { crawl: proved, boundary, verdict: "shifted", entered };
  }
  // When the probe page has moved by more places than page 1 has new offers, an offer was inserted between the two
  // pages.
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

function hasTopOffer({ boundary, top }: Looks): boolean {
  return boundary.number > 1 && boundary.ids.some((id) => top.ids.includes(id));
}

/**
 * Reads a page that had rows before. Uses `readPages`, because it requests the page again when the answer has no rows.
 */
async function readFilledPage(number: number, reader: PageReader): Promise<OfferPage> {
  const [page] = await reader.readPages([number]);
  return page ?? (await reader.readPage(number));
}

/**
 * True when the list's last page shows offers after its earlier last offer, and these offers may be older than the
 * crawl. Then the earlier answer lacked them, and no other page shows them.
 */
function hasLaterOffers(
  crawl: CrawlState,
  { isLast, farIds }: OpenWindow,
  { ids, offers }: OfferPage,
): boolean {
  if (!isLast) return false;
  const from = ids.findLastIndex((id) => farIds.includes(id)) + 1;
  return from > 0 && !areNewOffers({ ids: ids.slice(from), offers: offers.slice(from) }, crawl, farIds);
}

/** Compares the overlaps with the number of new offers on page 1, as the example at the start of this file explains. */
function explainShift(
  crawl: CrawlState,
  { open, boundary, entered }: { open: OpenWindow; boundary: OfferPage; entered: number },
): WindowProof {
  if (open.joints === null) return retryOrGiveUp(crawl, open, boundary);
  const overlap = countOverlap(crawl.seamIds, boundary.ids);
  const atBoundary = overlap > 0 ? [{ page: open.farPage - 1, offers: overlap }] : [];
  const overlaps = [...open.joints, ...atBoundary];
  const hidden = sumOverlaps(overlaps) - entered;
  // A page is shifted by at most `entered` offers. So a larger overlap is no shift: one of the two pages was wrong.
  const isWrong = overlaps.some(({ offers }) => offers > entered);
  if (hidden < 0 || isWrong) return retryOrGiveUp(crawl, open, boundary);
  const explained = discountShiftedDuplicates(open);
  const suspects = hidden > 0 ? listSuspectPages(overlaps) : [];
  if (hidden > 0 && suspects.length === 0) return retryOrGiveUp(crawl, open, boundary);
  if (hidden > 0) return { crawl, boundary, verdict: "gapped", entered, open: explained, suspects, hidden };
  return { crawl: confirmWindow(crawl, explained, boundary), boundary, verdict: "shifted", entered };
}

/**
 * Voids the window, so that its pages are read again. After too many tries, or when the crawl has an anomaly, closes
 * the window without a proof instead.
 */
export function retryOrGiveUp(crawl: CrawlState, open: OpenWindow, boundary: OfferPage): WindowProof {
  const isLost = crawl.tries + 1 >= maxTries;
  if (crawl.doubts.length === 0 && !isLost)
    return { crawl: voidWindow(crawl, open), boundary, verdict: "moved" };
  const uncertain = isLost ? addAnomaly(crawl, "restless") : crawl;
  return { crawl: closeWindow(uncertain, boundary), boundary, verdict: "shifted", entered: 0 };
}

/**
 * Returns the number of places by which the first offer of the probe page has moved; null when the boundary does not
 * show this offer.
 */
function countMoved({ farIds }: OpenWindow, boundary: OfferPage): number | null {
  const [firstId] = farIds;
  if (firstId === undefined) return boundary.ids.length === 0 ? 0 : null;
  const moved = boundary.ids.indexOf(firstId);
  return moved < 0 ? null : moved;
}

export type ResolvedWindow = {
  crawl: CrawlState;
  /**
   * The result of the proof. It is `gapped` when pages may lack an offer but the rate limit leaves too few requests to
   * read them again.
   */
  verdict: WindowProof["verdict"];
  boundary: OfferPage;
  /** The probe page of the next window; null when the list has no next window. */
  probe: FoundProbePage | null;
  /** Pages of the proved window that were read again. They go into the next part of the snapshot. */
  repairs: Repairs;
  /** True when the crawl has reached the end of the list. */
  isEnd: boolean;
};

/**
 * Proves the open window. Reads the next window's probe page first, so that the proofs of the two windows overlap in
 * time. When pages may lack an offer, reads these pages again and proves them with two more requests.
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
  // The last page's part of the overlaps is not hidden: the offers in `pushed` make up for it.
  const unseen = pushed.length > 0 ? sumOverlaps(open.joints ?? []) : 0;
  if (proof.verdict !== "gapped") {
    const isLast = open.isLast && verdict !== "moved";
    const ended = isLast
      ? await checkBehindEnd(proof.crawl, { boundary, seenIds }, reader)
      : { crawl: proof.crawl, isEnd: false };
    return { ...ended, boundary, verdict, probe, repairs: { pages: pushed, unseen } };
  }
  const { crawl } = proof;
  if (proof.suspects.length + referenceFrameRequests > reader.left())
    return { crawl, boundary, verdict, probe, repairs: noRepairs, isEnd: false };
  const repaired = await reader.readPages(proof.suspects);
  const doubles = proof.open.doubles + countDuplicates(repaired);
  const reopened = { ...proof.open, farIds: boundary.ids, joints: null, doubles };
  const next = await resolveWindow({ ...crawl, open: reopened }, reopened, reader, seenIds);
  if (next.verdict === "moved") return next;
  const pages = [...repaired, ...pushed, ...next.repairs.pages];
  return { ...next, repairs: { pages, unseen: open.isLast ? unseen : proof.hidden } };
}

/**
 * The crawl continues after the supposed end of the list at most this many times. A list that goes on more often
 * grows faster than it can be read.
 */
const maxExtensions = 3;

/**
 * Requests the page after the last page again, after all other pages have been read. When it shows offers that may be
 * older than the crawl, the list has not ended there, and the crawl continues with this page.
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

/**
 * Returns the first `entered` offers of the list's last page. New offers on page 1 have pushed them onto this page, and
 * no later window will read them.
 */
function listPushed(boundary: OfferPage, entered: number): OfferPage[] {
  return entered === 0
    ? []
    : [{ ...boundary, offers: boundary.offers.slice(0, entered), ids: boundary.ids.slice(0, entered) }];
}
