import type { CellStyle } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Fill } from "exceljs";
import type { Locale } from "../../core/language/locale.ts";
import { noCurrency } from "../../core/figures/currency-sums.ts";
import { foldCurrency, isIsoCode } from "../../core/offer/offer--currency.ts";
import type { Status } from "../../core/offer/offer-status.ts";

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
const mostFormats = 150;
const leastDecimals = 2;

/** `plain` is what all of them have in common. */
export function createCellStyles({ dayPattern, momentPattern }: Locale, plain: CellStyle = {}): CellStyles {
  const amounts = new Map<string, CellStyle>();

  function findAmount(amount: string, currency: string | null): CellStyle {
    const sign = findSign(currency);
    const decimals = Math.max(leastDecimals, countDecimals(amount));
    const key = `${sign}${decimals}`;
    const known = amounts.get(key);
    if (known) return known;
    if (amounts.size >= mostFormats && sign !== null) return findAmount(amount, null);
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
