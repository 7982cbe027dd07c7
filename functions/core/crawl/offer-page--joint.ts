import type { OfferPage } from "./offer-page.ts";

/** The boundary behind a page at which the next one began with offers that stood on the page too. */
export type PageOverlap = { page: number; offers: number };

/** More overlaps than that are no few new offers, and would weigh on the crawl's state. */
const mostJoints = 40;

/** Where neighbouring pages overlap; null where pages of different length make that a guess. */
export function listOverlaps(pages: OfferPage[], pageSize: number): PageOverlap[] | null {
  if (pages.some(({ ids }) => ids.length !== pageSize)) return null;
  const joints = pages
    .slice(1)
    .map((page, index) => ({
      page: page.number - 1,
      offers: countOverlap(pages[index]?.ids ?? [], page.ids),
    }))
    .filter(({ offers }) => offers > 0);
  return joints.length > mostJoints ? null : joints;
}

/** How many offers stand both at the end of the one and at the start of the other. */
export function countOverlap(before: string[], after: string[]): number {
  const start = before.lastIndexOf(after[0] ?? "");
  if (start < 0) return 0;
  const tail = before.slice(start);
  return tail.every((id, index) => id === after[index]) ? tail.length : 0;
}

export function sumOverlaps(joints: PageOverlap[]): number {
  return joints.reduce((sum, { offers }) => sum + offers, 0);
}

/**
 * The pages that may lack an offer, when nothing was deleted and new offers entered before: up to the first
 * overlap none had entered, behind the last one all had. The page behind the first one ends no sooner than it
 * would now.
 */
export function listSuspectPages(joints: PageOverlap[]): number[] {
  const first = joints[0]?.page ?? 0;
  const last = joints.at(-1)?.page ?? 0;
  return listPageNumbers(first + 2, last);
}

export function listPageNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
