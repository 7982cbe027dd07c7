import { ExportError } from "../basics/errors.ts";

/** The portal's answers about a page exclude each other. */
export function contradictoryPage(page: number): ExportError {
  const detail =
    `The portal answers page ${page} as if the list had ended before it, yet announces it or has later pages. ` +
    "Try again later; if it stays so, ask the portal's support.";
  return new ExportError("portal", "portal_contradicts_itself", detail);
}
