import type { Locale } from "../../core/language/locale.ts";
import { columnLetters } from "./row-xml.ts";

/** Prints on A4, which is paper size 9 in OOXML. */
const paper = { paperSize: 9 } as const;
/** Prints one page wide and as many pages high as needed. */
const onePageWide = { fitToPage: true, fitToWidth: 1, fitToHeight: 0 } as const;

/** Prints in portrait format. The margins are in inches, and are as small as desktop printers allow. */
export const portraitSetup = {
  ...paper,
  ...onePageWide,
  orientation: "portrait",
  margins: { left: 0.6, right: 0.6, top: 0.6, bottom: 0.6, header: 0.3, footer: 0.3 },
} as const;

/** Prints in landscape format. The margins are smaller, because such a sheet is wide. */
const landscapeSetup = {
  ...paper,
  orientation: "landscape",
  margins: { left: 0.25, right: 0.25, top: 0.4, bottom: 0.6, header: 0.3, footer: 0.3 },
} as const;

/** The width in characters of a landscape page within its margins, at full size. */
const landscapeChars = 150;
/** The smallest scale in percent. Text of 11 points then prints at almost 8 points. Smaller text is hard to read. */
const minScale = 70;

/** `headerRow` and the first `titleColumns` columns stand on each printed page. */
type PrintTitles = { headerRow: number; titleColumns: number };

/**
 * Prints a wide table in landscape format. The print is one page wide if it stays readable. Otherwise the columns
 * continue on further pages, the pages with the same rows one after the other.
 */
export function setUpWidePrint(widthsChars: number[], { headerRow, titleColumns }: PrintTitles) {
  const printTitlesRow = `${headerRow}:${headerRow}`;
  const chars = widthsChars.reduce((sum, width) => sum + width, 0);
  if (chars * minScale <= landscapeChars * 100) return { ...landscapeSetup, ...onePageWide, printTitlesRow };
  return {
    ...landscapeSetup,
    fitToPage: false,
    scale: minScale,
    pageOrder: "overThenDown",
    printTitlesRow,
    ...(titleColumns > 0 && { printTitlesColumn: `A:${columnLetters(titleColumns)}` }),
  } as const;
}

/** The footer of each printed page: the sheet's name and the page number. */
export function makeFooter({ pageNumber }: Locale): { oddFooter: string } {
  return { oddFooter: `&L&A&R${pageNumber}` };
}
