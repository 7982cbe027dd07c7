import { addAnomaly, addNote, type CrawlState, type OpenWindow } from "./crawl-state.ts";
import { isPast } from "./last-page-search.ts";
import { type Far, findProbePage } from "./probe-page.ts";
import { referenceFrameRequests } from "./probe-page--frame.ts";
import { areNewOffers } from "./consistency-check--newness.ts";
import { countDuplicates } from "./open-window.ts";
import { isSamePage, type OfferPage } from "./offer-page.ts";
import { type WindowProof, proveWindow } from "./window-proof.ts";
import type { PageReader } from "./offer-page--reader.ts";

/**
 * `far` is the next window's, none after the last one; `lead` are pages that belong to the window just proved.
 * `gapped` when the rate limit leaves too little to mend it. `isEnd` when no more pages follow.
 */
export type ResolvedWindow = {
  crawl: CrawlState;
  verdict: WindowProof["verdict"];
  seam: OfferPage;
  far: Far | null;
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
  const far = open.isLast ? null : await findProbePage(begun, reader);
  const proof = await proveWindow(far?.crawl ?? begun, open, reader);
  const { seam, verdict } = proof;
  const slid = open.isLast && "entered" in proof ? listSlid(seam, proof.entered) : [];
  if (proof.verdict !== "gapped") {
    const isLast = open.isLast && verdict !== "moved";
    const ended = isLast
      ? await checkEnd(proof.crawl, { seam, seenIds }, reader)
      : { crawl: proof.crawl, isEnd: false };
    return { ...ended, seam, verdict, far, lead: slid };
  }
  const { crawl } = proof;
  if (proof.gaps.length + referenceFrameRequests > reader.left())
    return { crawl, seam, verdict, far, lead: [], isEnd: false };
  const mended = await reader.readPages(proof.gaps);
  const doubles = proof.open.doubles + countDuplicates(mended);
  const reopened = { ...proof.open, farIds: seam.ids, joints: null, doubles };
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
  { seam, seenIds }: { seam: OfferPage; seenIds: string[] },
  reader: PageReader,
): Promise<{ crawl: CrawlState; isEnd: boolean }> {
  const next = await reader.readPage(seam.number + 1);
  const isBehind = isPast(next, crawl.topIds ?? []) || isSamePage(next, seam);
  if (isBehind || areNewOffers(next, crawl, [...seenIds, ...seam.ids])) return { crawl, isEnd: true };
  const noted = addNote(crawl, "contradicted");
  if (crawl.extensions >= maxExtensions) return { crawl: addAnomaly(noted, "restless"), isEnd: true };
  const extended = { ...noted, nextPage: next.number, expectedPages: null, extensions: crawl.extensions + 1 };
  return { crawl: extended, isEnd: false };
}

/** What the shift has brought over the boundary onto the last page: no other window will read it. */
function listSlid(seam: OfferPage, entered: number): OfferPage[] {
  return entered === 0
    ? []
    : [{ ...seam, offers: seam.offers.slice(0, entered), ids: seam.ids.slice(0, entered) }];
}
