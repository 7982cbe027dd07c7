import { ExportError } from "../basics/errors.ts";
import { isSamePage, type OfferPage } from "./offer-page.ts";

/** More than a bulk import can push aside while a window is read, and few enough to end soon. */
const mostStalePages = 20;

/**
 * Throws for a list that goes in circles: pages that keep coming in a window and bring nothing new, or the
 * list's first page again, far from its place.
 */
export function assertNotCircular(pages: OfferPage[], topIds: string[]): void {
  const seen = new Set<string>();
  let stalePages = 0;
  for (const page of pages) {
    const { number, ids, isLast } = page;
    const isFresh = ids.some((id) => !seen.has(id));
    stalePages = isFresh || isLast ? 0 : stalePages + 1;
    const isCircle = number > mostStalePages && ids.length > 0 && isSamePage(page, { ids: topIds });
    if (stalePages >= mostStalePages || isCircle) throw circle(number);
    for (const id of ids) seen.add(id);
  }
}

export function circle(page: number): ExportError {
  const detail =
    `The portal announces page after page, but up to page ${page} it shows offers that it has shown before. ` +
    "Try again later; if it stays so, ask the portal's support.";
  return new ExportError("portal", "portal_repeats", detail);
}
