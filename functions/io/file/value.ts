import type { CellStyle, CellValue } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import { type Calendar, type Day, dayMs, formatDay, formatMoment, type Moment } from "../../core/calendar.ts";
import type { Cell } from "../../core/offer/cell.ts";
import { cutText, fitsNumber } from "../../core/text/fit.ts";
import { describeRemarks, type Locale, nameFields } from "../../core/language/locale.ts";
import { escapeText, isDelicate, isOrdinary, replaceForbidden } from "../../core/text/xml.ts";
import type { Styles } from "./style.ts";

/** What a spreadsheet's cell is given. */
export type Value = { value: CellValue; style: CellStyle };

export type ValueLook = { locale: Locale; calendar: Calendar; styles: Styles };

/** Null leaves the cell out. */
export function makeValue(cell: Cell, look: ValueLook): Value | null {
  const { locale, styles } = look;
  switch (cell.type) {
    case "empty":
      return null;
    case "text":
    case "raw":
      return makeText(cell.text, styles.plain);
    case "day":
      return makeDay(cell.day, styles);
    case "moment":
      return makeMoment(cell.moment, look);
    case "status":
      return { value: locale.statuses[cell.status], style: styles.statuses[cell.status] };
    case "integer":
      return { value: cell.integer, style: styles.plain };
    case "boolean":
      return { value: cell.isTrue ? locale.yes : locale.no, style: styles.indented };
    case "amount":
      return makeAmount(cell.amount, cell.currency, styles);
    case "remarks":
      return makeText(describeRemarks(nameFields(cell.remarks, locale), locale) ?? "", styles.indented);
  }
}

function makeText(text: string, style: CellStyle): Value {
  const cut = cutText(text);
  if (isOrdinary(cut)) return { value: cut, style };
  const clean = replaceForbidden(cut);
  return { value: isDelicate(clean) ? { richText: [{ text: escapeText(clean) }] } : clean, style };
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

function makeDay(day: Day, styles: Styles): Value {
  const serial = epochSerial + day;
  return isCountable(serial) ? { value: serial, style: styles.day } : makeText(formatDay(day), styles.plain);
}

/** The cell shows whole seconds; a fraction would be rounded up, at worst to the next day. */
function makeMoment(moment: Moment, { calendar, styles }: ValueLook): Value {
  const wallClockSeconds = Math.floor((moment + calendar.offsetMs(moment)) / 1000);
  const serial = epochSerial + wallClockSeconds / daySeconds;
  if (!isCountable(serial)) return makeText(formatMoment(moment, calendar), styles.plain);
  return { value: serial, style: styles.moment };
}

function makeAmount(amount: string, currency: string | null, styles: Styles): Value {
  if (!fitsNumber(amount)) return makeText(amount, styles.plain);
  return { value: Number(amount), style: styles.findAmount(amount, currency) };
}
