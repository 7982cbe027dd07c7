import type { Locale } from "../../core/language/locale.ts";

/** A4 (OOXML's paper 9), printed one page wide and as many high as it takes. */
export const paperSetup = { paperSize: 9, fitToPage: true, fitToWidth: 1, fitToHeight: 0 } as const;

/** Upright, with room for as many rows as a desk's printer allows; in inches. */
export const portraitSetup = {
  ...paperSetup,
  orientation: "portrait",
  margins: { left: 0.6, right: 0.6, top: 0.6, bottom: 0.6, header: 0.3, footer: 0.3 },
} as const;

/** Below each printed page: the sheet's name and the number of the page. */
export function makeFooter({ pageNumber }: Locale): { oddFooter: string } {
  return { oddFooter: `&L&A&R${pageNumber}` };
}
