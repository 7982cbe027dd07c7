import { contradiction } from "./contradiction.ts";
import { addDoubt, type Crawl, findFirstId, type OpenWindow, voidWindow } from "./crawl.ts";
import type { Page } from "./page.ts";
import type { Reader } from "./reader.ts";

/** The far page again, and page 1. */
export const proofRequests = 2;
/** Readings of one window before the portal is taken for too restless. */
const mostTries = 3;

/** `seam` is the far page as it stands now: the next window begins there. */
export type Proof = { crawl: Crawl; seam: Page; isProved: boolean };

/** Looks at the far page and at page 1 again: unmoved they prove the window, else it is due again. */
export async function proveWindow(crawl: Crawl, open: OpenWindow, reader: Reader): Promise<Proof> {
  const seam = await reader.readPage(open.farPage);
  const topId = findFirstId(await reader.readPage(1));
  const looked = { ...crawl, topId };
  const isTopSame = topId === crawl.topId;
  if (isTopSame && findFirstId(seam) === open.firstId)
    return { crawl: passWindow(looked), seam, isProved: true };
  const hasGrownWithin = isTopSame && open.firstId !== null && seam.ids.indexOf(open.firstId) > 0;
  const doubted = hasGrownWithin ? addDoubt(looked, "inserted") : looked;
  const isLost = crawl.tries + 1 >= mostTries;
  if (doubted.doubts.length === 0 && !isLost)
    return { crawl: voidWindow(doubted, open), seam, isProved: false };
  const settled = isLost ? addDoubt(doubted, "restless") : doubted;
  return { crawl: { ...settled, open: null, tries: 0 }, seam, isProved: true };
}

/** The crawl with its open window proved. */
export function passWindow(crawl: Crawl): Crawl {
  const { open } = crawl;
  if (open?.hollowPage != null) throw contradiction(open.hollowPage);
  let passed: Crawl = { ...crawl, open: null, tries: 0 };
  if (open?.isDoubled) passed = addDoubt(passed, "doubled");
  return open?.offers !== 0 && open?.firstId === null ? addDoubt(passed, "nameless") : passed;
}
