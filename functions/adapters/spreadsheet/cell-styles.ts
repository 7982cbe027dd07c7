import type { Fill } from "exceljs";
import type { CellStyle, CellValue } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import {
  type Calendar,
  type Day,
  dayMs,
  formatDay,
  formatMoment,
  type Moment,
} from "../../core/basics/calendar.ts";
import {
  escapeXmlString,
  isPlainXmlText,
  needsXmlEscape,
  replaceForbiddenXml,
  unifyLines,
} from "../../core/basics/safe-text.ts";
import { noCurrency } from "../../core/figures/currency-sums.ts";
import { describeRemarks, type Locale, nameFields } from "../../core/language/locale.ts";
import type { Status } from "../../core/offer/offer-status.ts";
import { statusColours } from "../../core/offer/status-colours.ts";
import { foldCurrency, isIsoCode } from "../../core/offer/offer.ts";
import type { Cell } from "../../core/report/columns.ts";
import { cutCellText, fitsSpreadsheetNumber } from "../../core/report/spreadsheet-limits.ts";

/** The workbook's default font in bold. All these properties are needed to make the text look like the default font. */
export const boldFont = {
  bold: true,
  size: 11,
  color: { theme: 1 },
  name: "Calibri",
  family: 2,
  scheme: "minor",
} as const;

export const headingFont = { ...boldFont, size: 13 } as const;
export const titleFont = { ...boldFont, size: 18 } as const;
export const noteFont = { ...boldFont, bold: false, italic: true, size: 10 } as const;

/** The styles of a report's cells. Equal styles must be the same object, because caches find a style by its object. */
export type CellStyles = {
  plain: CellStyle;
  /** The style of words. They are indented to keep them apart from numbers or dates in the column to their left. */
  indented: CellStyle;
  day: CellStyle;
  moment: CellStyle;
  statuses: Record<Status, CellStyle>;
  /** Returns the style for a text with line breaks, which Excel shows only in wrapped cells. */
  wrap: (style: CellStyle) => CellStyle;
  findAmount: (amount: string, currency: string | null) => CellStyle;
};

/** The height of a row with one line of text. */
export const lineHeightPoints = 15;

/** The alignment of words, such as those of a status. */
export const indented = { alignment: { horizontal: "left", indent: 1 } } as const;

/** Shrinks a number to the width of its cell. Otherwise Excel shows `####` for a number that does not fit. */
const shrunk = { alignment: { shrinkToFit: true } } as const;

/** Returns a colour such as `#2268d3` as a workbook writes it. The first two digits say that it is opaque. */
export function formatArgb(colour: string): string {
  return `FF${colour.slice(1).toUpperCase()}`;
}

function fillFor(status: Status): Fill {
  return { type: "pattern", pattern: "solid", fgColor: { argb: formatArgb(statusColours[status].fill) } };
}

/**
 * A new number format has no currency sign when there are already this many formats. At most 29 formats without a sign
 * are added, and Excel allows only 200 to 250 number formats per workbook.
 */
const maxFormats = 150;
const minDecimals = 2;

/** Creates the styles of a report's cells. Every style has the properties of `plain`. */
export function createCellStyles({ dayPattern, momentPattern }: Locale, plain: CellStyle = {}): CellStyles {
  const amounts = new Map<string, CellStyle>();

  function findAmount(amount: string, currency: string | null): CellStyle {
    const sign = findSign(currency);
    const decimals = Math.max(minDecimals, countDecimals(amount));
    const key = `${sign}${decimals}`;
    const known = amounts.get(key);
    if (known) return known;
    if (amounts.size >= maxFormats && sign !== null) return findAmount(amount, null);
    const style = { ...plain, ...shrunk, numFmt: formatPattern(sign, decimals) };
    amounts.set(key, style);
    return style;
  }

  return {
    plain,
    indented: { ...plain, ...indented },
    day: { ...plain, numFmt: dayPattern },
    moment: { ...plain, numFmt: momentPattern },
    statuses: {
      open: { ...plain, ...indented, fill: fillFor("open") },
      accepted: { ...plain, ...indented, fill: fillFor("accepted") },
      rejected: { ...plain, ...indented, fill: fillFor("rejected") },
      expired: { ...plain, ...indented, fill: fillFor("expired") },
    },
    wrap: cacheWrapped(),
    findAmount,
  };
}

function cacheWrapped(): CellStyles["wrap"] {
  const known = new Map<CellStyle, CellStyle>();

  return (style) => {
    const wrapped = known.get(style) ?? { ...style, alignment: { ...style.alignment, wrapText: true } };
    known.set(style, wrapped);
    return wrapped;
  };
}

/**
 * Returns the currency as a number format shows it; null for an unusable code. Excel and LibreOffice read `[$€-2]` as
 * the euro sign without a country.
 */
function findSign(code: string | null): string | null {
  const currency = foldCurrency(code);
  if (currency === "EUR") return "[$€-2]";
  return isIsoCode(currency) && currency !== noCurrency ? `[$${currency}]` : null;
}

function countDecimals(amount: string): number {
  const point = amount.indexOf(".");
  return point === -1 ? 0 : amount.length - point - 1;
}

function formatPattern(sign: string | null, decimals: number): string {
  const number = `#,##0.${"0".repeat(decimals)}`;
  return sign === null ? number : `${sign} ${number};${sign} -${number}`;
}

export type StyledValue = { value: CellValue; style: CellStyle };

export type ValueStyle = { locale: Locale; calendar: Calendar; styles: CellStyles };

/** Returns the cell's value and style; null for an empty cell, which is not written. */
export function makeCellValue(cell: Cell, look: ValueStyle): StyledValue | null {
  const { locale, styles } = look;
  switch (cell.type) {
    case "empty":
      return null;
    case "text":
    case "raw":
      return makeText(cell.text, look);
    case "day":
      return makeDay(cell.day, look);
    case "moment":
      return makeMoment(cell.moment, look);
    case "status":
      return { value: locale.statuses[cell.status], style: styles.statuses[cell.status] };
    case "integer":
      return { value: cell.integer, style: styles.plain };
    case "boolean":
      return { value: cell.isTrue ? locale.yes : locale.no, style: styles.indented };
    case "amount":
      return makeAmount(cell, look);
    case "remarks":
      return makeText(describeRemarks(nameFields(cell.remarks, locale), locale) ?? "", look, styles.indented);
  }
}

function makeText(text: string, { styles }: ValueStyle, textStyle = styles.plain): StyledValue {
  const cut = cutCellText(text);
  if (isPlainXmlText(cut)) return { value: cut, style: textStyle };
  const clean = replaceForbiddenXml(unifyLines(cut));
  const style = clean.includes("\n") ? styles.wrap(textStyle) : textStyle;
  return { value: needsXmlEscape(clean) ? { richText: [{ text: escapeXmlString(clean) }] } : clean, style };
}

/** The number with which Excel stores the day 1970-01-01. */
const epochSerial = 25_569;
const daySeconds = dayMs / 1000;

/**
 * The first serial number is 1900-03-01, because Excel's calendar before that day has a 29 February 1900, which never
 * was. The end is exclusive: the day after 9999-12-31.
 */
const firstSerial = 61;
const endSerial = 2_958_466;

function isCountable(serial: number): boolean {
  return serial >= firstSerial && serial < endSerial;
}

/** Returns the number with which Excel stores the day; null for a day before or after Excel's calendar. */
export function findSerial(day: Day): number | null {
  const serial = epochSerial + day;
  return isCountable(serial) ? serial : null;
}

function makeDay(day: Day, look: ValueStyle): StyledValue {
  const serial = findSerial(day);
  return serial === null ? makeText(formatDay(day), look) : { value: serial, style: look.styles.day };
}

/** Writes the moment without fractions of a second. Excel would round them up, in the worst case to the next day. */
function makeMoment(moment: Moment, look: ValueStyle): StyledValue {
  const { calendar, styles } = look;
  const wallClockSeconds = Math.floor((moment + calendar.offsetMs(moment)) / 1000);
  const serial = epochSerial + wallClockSeconds / daySeconds;
  if (!isCountable(serial)) return makeText(formatMoment(moment, calendar), look);
  return { value: serial, style: styles.moment };
}

function makeAmount({ amount, currency }: Extract<Cell, { type: "amount" }>, look: ValueStyle): StyledValue {
  if (!fitsSpreadsheetNumber(amount)) return makeText(amount, look);
  return { value: Number(amount), style: look.styles.findAmount(amount, currency) };
}
