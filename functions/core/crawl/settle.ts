import type { Crawl, OpenWindow } from "./crawl.ts";
import { findFar } from "./far.ts";
import { frameRequests } from "./frame.ts";
import { countDoubles } from "./open.ts";
import type { Page } from "./page.ts";
import { type Proof, proveWindow } from "./proof.ts";
import type { Reader } from "./reader.ts";

/**
 * `far` is the next window's, none after the last one; `lead` are pages that belong to the window just proved.
 * `gapped` when the rate limit leaves too little to mend it.
 */
export type Settled = {
  crawl: Crawl;
  verdict: Proof["verdict"];
  seam: Page;
  far: Page | null;
  lead: Page[];
};

/**
 * Proves the open window, the next one's far page being read before, so that the proofs overlap. Where offers
 * may have slipped through, the pages between are read again, and the same looks after them prove those.
 */
export async function settleWindow(begun: Crawl, open: OpenWindow, reader: Reader): Promise<Settled> {
  const far = open.isLast ? null : await findFar(begun, reader);
  const proof = await proveWindow(begun, open, reader);
  const { crawl, seam, verdict } = proof;
  const slid = open.isLast && "entered" in proof ? listSlid(seam, proof.entered) : [];
  if (proof.verdict !== "gapped") return { crawl, seam, verdict, far, lead: slid };
  if (proof.gaps.length + frameRequests > reader.left()) return { crawl, seam, verdict, far, lead: [] };
  const mended = await reader.readPages(proof.gaps);
  const doubles = proof.open.doubles + countDoubles(mended);
  const reopened = { ...proof.open, farIds: seam.ids, joints: null, doubles };
  const next = await settleWindow({ ...crawl, open: reopened }, reopened, reader);
  return next.verdict === "moved" ? next : { ...next, lead: [...mended, ...slid, ...next.lead] };
}

/** What the shift has brought over the boundary onto the last page: no other window will read it. */
function listSlid(seam: Page, entered: number): Page[] {
  return entered === 0
    ? []
    : [{ ...seam, offers: seam.offers.slice(0, entered), ids: seam.ids.slice(0, entered) }];
}
