import { contradiction } from "./contradiction.ts";
import { isBeyond, type Page } from "./page.ts";
import type { Reader } from "./reader.ts";

/** Looks for an end that moves meanwhile. */
const mostLooks = 3;

/** A page that announced a next one, and one beyond the end; `isNear` when the end should be close before it. */
type Bounds = { fromPage: number; toPage: number; isNear: boolean };

/** The last page: steps that double go back from a page expected to be close, then the way between is halved. */
export async function findEnd(bounds: Bounds, reader: Reader): Promise<Page> {
  let { fromPage, toPage } = bounds;
  let step = bounds.isNear ? 1 : Infinity;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    while (toPage - fromPage > 1) {
      const middle = Math.max(toPage - step, Math.floor((fromPage + toPage) / 2));
      const page = await reader.readPage(middle);
      if (page.isLast && !isBeyond(page)) return page;
      if (isBeyond(page)) toPage = middle;
      else fromPage = middle;
      step *= 2;
    }
    // A page announced a next one, and that is not there: an answer was wrong, or the list has shrunk meanwhile.
    const [next] = await reader.readPages([toPage]);
    if (next !== undefined && !isBeyond(next)) return next;
    const last = await reader.readPage(Math.max(1, fromPage));
    if (last.isLast && (fromPage <= 1 || !isBeyond(last))) return last;
    fromPage = Math.max(0, fromPage - 2 ** (looks + 1));
  }
  throw contradiction(toPage);
}
