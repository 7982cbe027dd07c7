import type WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { countLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import { type AboutFacts, describeAboutSheet } from "../../core/sheets/about-sheet.ts";
import {
  boldFont,
  createCellStyles,
  headingFont,
  lineHeightPoints,
  makeCellValue,
  makeFooter,
  portraitSetup,
} from "./cell-styles.ts";

/** Together they fill an A4 page in portrait format, at full size. */
const labelWidthChars = 26;
const textWidthChars = 68;

const alignment = { wrapText: true, vertical: "top", horizontal: "left" } as const;
const labelStyle = { font: boldFont, alignment };
/** Not wrapped: a heading extends over the empty cell beside it. */
const headingStyle = { font: headingFont };

export function writeAboutSheet(
  book: WorkbookWriter,
  about: AboutFacts,
  { locale, calendar }: { locale: Locale; calendar: Calendar },
): void {
  const look = { locale, calendar, styles: createCellStyles(locale, { alignment }) };
  const views = [{ showGridLines: false }];
  const sheet = book.addWorksheet(locale.about.sheetName, { views, pageSetup: portraitSetup });
  sheet.headerFooter = makeFooter(locale);
  sheet.columns = [{ width: labelWidthChars }, { width: textWidthChars }];
  for (const { label, cell } of describeAboutSheet(about, locale)) {
    const isHeading = cell.type === "empty";
    if (isHeading) sheet.addRow([]).commit();
    const row = sheet.addRow([]);
    Object.assign(row.getCell(1), { value: label, style: isHeading ? headingStyle : labelStyle });
    Object.assign(row.getCell(2), makeCellValue(cell, look));
    if (cell.type === "text") row.height = findHeight(cell.text);
    row.commit();
  }
  sheet.commit();
}

/** Excel's limit. */
const maxHeightPoints = 409;
/** A column's width is the number of digits that it holds. Letters are narrower than digits. */
const lettersPerDigit = 1.15;

/** Some spreadsheet programs do not adjust a row's height to its wrapped text. */
function findHeight(text: string): number {
  const lines = countLines(text, textWidthChars * lettersPerDigit);
  return Math.min(lines * lineHeightPoints, maxHeightPoints);
}
