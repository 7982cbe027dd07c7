import { ExportError } from "../error.ts";
import type { Page } from "./page.ts";

/** More than a bulk import can push aside while a window is read, and few enough to end soon. */
const mostStalePages = 20;

/**
 * Throws for a list that goes in circles: pages that keep coming in a window and bring nothing new, or the
 * list's first offer again, far from its first page.
 */
export function assertFresh(pages: Page[], topId: string | null): void {
  const seen = new Set<string>();
  let stalePages = 0;
  for (const { number, ids, isLast } of pages) {
    const isFresh = ids.some((id) => !seen.has(id));
    stalePages = isFresh || isLast ? 0 : stalePages + 1;
    const isCircle = topId !== null && number > mostStalePages && ids.includes(topId);
    if (stalePages >= mostStalePages || isCircle) throw circle(number);
    for (const id of ids) seen.add(id);
  }
}

/** Throws when a far page is page 1 over again. */
export function assertOther(top: Page, far: Page): void {
  const isSame =
    far.number > 1 && far.ids.length > 0 && !far.isLast && far.ids.join("\n") === top.ids.join("\n");
  if (isSame) throw circle(far.number);
}

function circle(page: number): ExportError {
  const detail =
    `The portal announces page after page, but up to page ${page} it shows offers that it has shown before. ` +
    "Try again later; if it stays so, ask the portal's support.";
  return new ExportError("portal", "portal_repeats", detail);
}
