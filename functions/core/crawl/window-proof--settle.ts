import { addDoubt, addNote, type Crawl, type OpenWindow } from "./crawl-state.ts";
import { isPast } from "./last-page-search.ts";
import { type Far, findFar } from "./probe-page.ts";
import { frameRequests } from "./probe-page--frame.ts";
import { areNew } from "./consistency-check--newness.ts";
import { countDoubles } from "./open-window.ts";
import { isSamePage, type Page } from "./offer-page.ts";
import { type Proof, proveWindow } from "./window-proof.ts";
import type { Reader } from "./offer-page--reader.ts";

/**
 * `far` is the next window's, none after the last one; `lead` are pages that belong to the window just proved.
 * `gapped` when the rate limit leaves too little to mend it. `isEnd` when no more pages follow.
 */
export type Settled = {
  crawl: Crawl;
  verdict: Proof["verdict"];
  seam: Page;
  far: Far | null;
  lead: Page[];
  isEnd: boolean;
};

/**
 * Proves the open window, the next one's far page being read before, so that the proofs overlap. Where offers
 * may have slipped through, the pages between are read again, and the same looks after them prove those.
 */
export async function settleWindow(
  begun: Crawl,
  open: OpenWindow,
  reader: Reader,
  shownIds: string[] = [],
): Promise<Settled> {
  const seenIds = [...shownIds, ...open.farIds];
  const far = open.isLast ? null : await findFar(begun, reader);
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
  if (proof.gaps.length + frameRequests > reader.left())
    return { crawl, seam, verdict, far, lead: [], isEnd: false };
  const mended = await reader.readPages(proof.gaps);
  const doubles = proof.open.doubles + countDoubles(mended);
  const reopened = { ...proof.open, farIds: seam.ids, joints: null, doubles };
  const next = await settleWindow({ ...crawl, open: reopened }, reopened, reader, seenIds);
  return next.verdict === "moved" ? next : { ...next, lead: [...mended, ...slid, ...next.lead] };
}

/** More than that is a list which grows faster than its end can be read. */
const maxExtensions = 3;

/**
 * The page behind the end is asked for again after all others. Offers there that are older than the crawl were
 * hidden before: the crawl goes on with that page.
 */
async function checkEnd(
  crawl: Crawl,
  { seam, seenIds }: { seam: Page; seenIds: string[] },
  reader: Reader,
): Promise<{ crawl: Crawl; isEnd: boolean }> {
  const next = await reader.readPage(seam.number + 1);
  const isBehind = isPast(next, crawl.topIds ?? []) || isSamePage(next, seam);
  if (isBehind || areNew(next, crawl, [...seenIds, ...seam.ids])) return { crawl, isEnd: true };
  const noted = addNote(crawl, "contradicted");
  if (crawl.extensions >= maxExtensions) return { crawl: addDoubt(noted, "restless"), isEnd: true };
  const extended = { ...noted, nextPage: next.number, expectedPages: null, extensions: crawl.extensions + 1 };
  return { crawl: extended, isEnd: false };
}

/** What the shift has brought over the boundary onto the last page: no other window will read it. */
function listSlid(seam: Page, entered: number): Page[] {
  return entered === 0
    ? []
    : [{ ...seam, offers: seam.offers.slice(0, entered), ids: seam.ids.slice(0, entered) }];
}
