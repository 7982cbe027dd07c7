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
import { foldCurrency, isIsoCode } from "../../core/offer/offer.ts";
import type { Cell } from "../../core/report/columns.ts";
import { cutCellText, fitsSpreadsheetNumber } from "../../core/report/spreadsheet-limits.ts";

/** The workbook's own font, bold: one without a name would look different. */
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

/** The looks of a report's cells. One object each: exceljs looks a style up once and remembers the object. */
export type CellStyles = {
  plain: CellStyle;
  /** Of words that stand right behind numbers and dates. */
  indented: CellStyle;
  day: CellStyle;
  moment: CellStyle;
  statuses: Record<Status, CellStyle>;
  /** Of a text with line ends: without it Excel shows them as nothing. */
  wrap: (style: CellStyle) => CellStyle;
  findAmount: (amount: string, currency: string | null) => CellStyle;
};

/** Pale enough for black words on them, and on paper without colour grey from light to dark in this order. */
export const statusFills: Record<Status, string> = {
  open: "FFFFF3CD",
  accepted: "FFD5E8D4",
  rejected: "FFF2CFC9",
  expired: "FFD0D3D8",
};

const indented = { alignment: { horizontal: "left", indent: 1 } } as const;

/** Smaller rather than `####`. */
const shrunk = { alignment: { shrinkToFit: true } } as const;

function fillWith(argb: string): Fill {
  return { type: "pattern", pattern: "solid", fgColor: { argb } };
}

/** Excel takes 200 to 250 number formats in a workbook; without a currency there are 29 at most. */
const maxFormats = 150;
const minDecimals = 2;

/** `plain` is what all of them have in common. */
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
      open: { ...plain, ...indented, fill: fillWith(statusFills.open) },
      accepted: { ...plain, ...indented, fill: fillWith(statusFills.accepted) },
      rejected: { ...plain, ...indented, fill: fillWith(statusFills.rejected) },
      expired: { ...plain, ...indented, fill: fillWith(statusFills.expired) },
    },
    wrap: rememberWrapped(),
    findAmount,
  };
}

function rememberWrapped(): CellStyles["wrap"] {
  const known = new Map<CellStyle, CellStyle>();

  return (style) => {
    const wrapped = known.get(style) ?? { ...style, alignment: { ...style.alignment, wrapText: true } };
    known.set(style, wrapped);
    return wrapped;
  };
}

/** `[$€-2]` is the euro that belongs to no country's locale, to Excel as to LibreOffice. */
function findSign(given: string | null): string | null {
  const currency = foldCurrency(given);
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

/** What a spreadsheet's cell is given. */
export type StyledValue = { value: CellValue; style: CellStyle };

export type ValueStyle = { locale: Locale; calendar: Calendar; styles: CellStyles };

/** Null leaves the cell out. */
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

function makeText(text: string, { styles }: ValueStyle, own: CellStyle = styles.plain): StyledValue {
  const cut = cutCellText(text);
  if (isPlainXmlText(cut)) return { value: cut, style: own };
  const clean = replaceForbiddenXml(unifyLines(cut));
  const style = clean.includes("\n") ? styles.wrap(own) : own;
  return { value: needsXmlEscape(clean) ? { richText: [{ text: escapeXmlString(clean) }] } : clean, style };
}

/** Excel's number of 1970-01-01. */
const epochSerial = 25_569;
const daySeconds = dayMs / 1000;

/** 1900-03-01, as Excel's calendar has a 29 February 1900, and the day after 9999-12-31. */
const firstSerial = 61;
const endSerial = 2_958_466;

function isCountable(serial: number): boolean {
  return serial >= firstSerial && serial < endSerial;
}

function makeDay(day: Day, look: ValueStyle): StyledValue {
  const serial = epochSerial + day;
  return isCountable(serial) ? { value: serial, style: look.styles.day } : makeText(formatDay(day), look);
}

/** The cell shows whole seconds; a fraction would be rounded up, at worst to the next day. */
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
