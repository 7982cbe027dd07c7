import type { CellStyle, CellValue } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import { type Calendar, type Day, dayMs, formatDay, formatMoment, type Moment } from "../../core/basics/calendar.ts";
import type { Cell } from "../../core/report/columns--cell.ts";
import { cutCellText, fitsSpreadsheetNumber } from "../../core/report/spreadsheet-limits.ts";
import { describeRemarks, type Locale, nameFields } from "../../core/language/locale.ts";
import { escapeXmlString, needsXmlEscape, isPlainXmlText, replaceForbiddenXml, unifyLines } from "../../core/basics/safe-text--xml.ts";
import type { CellStyles } from "./cell-styles.ts";

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
