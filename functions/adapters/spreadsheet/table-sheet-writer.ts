import type { CellStyle, SheetRow, SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { clipText, countLines, wrapLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import type { Status } from "../../core/offer/offer-status.ts";
import { statusColours } from "../../core/offer/status-colours.ts";
import type {
  SheetCell,
  SheetChart,
  SheetFact,
  SheetPage,
  SheetTable,
} from "../../core/sheets/sheet-table.ts";
import {
  boldFont,
  createCellStyles,
  formatArgb,
  headingFont,
  lineHeightPoints,
  makeCellValue,
  noteFont,
  type StyledValue,
  titleFont,
  type ValueStyle,
} from "./cell-styles.ts";
import { chartRows, placeCharts } from "./month-charts.ts";
import { addCharts, type ReportWorkbook } from "./package-parts.ts";
import { makeFooter, portraitSetup } from "./print-setup.ts";

type Look = { locale: Locale; calendar: Calendar };
/** A sheet to which rows are written one after another. `rows` is the number of rows written so far. */
export type RowTarget = { sheet: SheetWriter; look: ValueStyle; rows: number };
type Target = RowTarget & {
  widthsChars: number[];
  /** The XML of the data bars of all tables written so far. */
  bars: string;
  /** The row of the column headings of each table written so far. */
  headingRows: Map<SheetTable, number>;
};

/**
 * Writes a small sheet of facts and tables, for printing in portrait format. The sheet shows no gridlines, because they
 * would distract from the lines of the tables.
 */
export function writeTableSheet(
  book: ReportWorkbook,
  page: SheetPage,
  { locale, calendar, isFirst }: Look & { isFirst: boolean },
): SheetWriter {
  const { name, title, facts, tables, charts = [], widthsChars } = page;
  const sheet = book.addWorksheet(name, {
    views: [{ showGridLines: false, tabSelected: isFirst }],
    pageSetup: portraitSetup,
  });
  sheet.headerFooter = makeFooter(locale);
  sheet.columns = widthsChars.map((width) => ({ width }));
  const look = { locale, calendar, styles: createCellStyles(locale) };
  const target: Target = { sheet, look, widthsChars, rows: 0, bars: "", headingRows: new Map() };
  writeRow(target, [{ type: "text", text: title }], { font: titleFont }, titleHeightPoints);
  for (const fact of facts) writeFact(target, fact);
  let firstChartRow = 0;
  for (const [index, table] of tables.entries()) {
    if (table.bars.length > 0 && tables[index - 1]?.bars.length === 0) breakPage(target);
    writeTable(target, table);
    if (index === 0 && charts.length > 0) firstChartRow = leaveChartRows(target);
  }
  writeBars(sheet, target.bars);
  if (charts.length > 0) {
    const findHeadings = ({ table }: SheetChart) => target.headingRows.get(table) ?? 0;
    addCharts(book, sheet, placeCharts(page, { firstRow: firstChartRow, findHeadings }, locale));
  }
  sheet.commit();
  return sheet;
}

export const titleHeightPoints = 28;
const headingHeightPoints = 20;

const line = { style: "thin", color: { argb: "FF7F7F7F" } } as const;
export const columnStyle: CellStyle = { font: boldFont, border: { bottom: line } };
export const totalRowStyle: CellStyle = { font: boldFont, border: { top: line } };

/** Writes a label and a fact. A long text continues in the rows below, so that no cells are merged. */
function writeFact(target: Target, { label, field }: SheetFact): void {
  const [, ...otherChars] = target.widthsChars;
  const texts = field.type === "text" ? wrapLines(field.text, sumChars(otherChars)) : null;
  const fields: SheetCell[] = texts === null ? [field] : texts.map((text) => ({ type: "text", text }));
  for (const [index, part] of fields.entries()) writeFactRow(target, index === 0 ? label : null, part);
}

/** Writes a fact in the second column, with its label in the first one. */
export function writeFactRow(target: RowTarget, label: string | null, field: SheetCell): void {
  const row = openRow(target);
  if (label !== null) Object.assign(row.getCell(1), { value: label, style: { font: boldFont } });
  const value = makeTableCell(field, target.look);
  const alignment = { horizontal: "left" } as const;
  if (value !== null) Object.assign(row.getCell(2), { ...value, style: { ...value.style, alignment } });
  row.commit();
}

function writeTable(target: Target, table: SheetTable): void {
  openRow(target).commit();
  writeRow(target, [{ type: "text", text: table.heading }], { font: headingFont }, headingHeightPoints);
  if (table.columns.length > 0) writeColumns(target, table);
  target.headingRows.set(table, target.rows);
  const firstRow = target.rows + 1;
  for (const fields of table.rows) writeRow(target, fields, {});
  const months = table.rows.filter(([field]) => field?.type === "month");
  const numbers = months.flatMap(readNumbers);
  target.bars += formatBars(table.bars, { firstRow, rows: months.length, numbers });
  for (const fields of table.totals) writeRow(target, fields, totalRowStyle);
  for (const text of table.notes.flatMap((note) => wrapLines(note, sumChars(target.widthsChars)))) {
    writeRow(target, [{ type: "text", text }], { font: noteFont });
  }
}

function writeColumns(target: Target, { columns, rows, totals }: SheetTable): void {
  const row = openRow(target);
  let lines = 1;
  for (const [index, value] of columns.entries()) {
    const horizontal = index > 0 && isRightBelow([...rows, ...totals], index) ? "right" : "left";
    const alignment = { horizontal, vertical: "bottom", wrapText: true } as const;
    Object.assign(row.getCell(index + 1), { value, style: { ...columnStyle, alignment } });
    lines = Math.max(lines, countLines(value, target.widthsChars[index] ?? 0));
  }
  row.height = lines * lineHeightPoints;
  row.commit();
}

/**
 * True when the values below a column's heading are aligned right. The first cell that is not empty decides, because in
 * a table of months the cells of the latest months may be empty.
 */
function isRightBelow(rows: SheetCell[][], index: number): boolean {
  const fields = rows.flatMap((row) => row[index] ?? []);
  const example = fields.find(({ type }) => type !== "empty");
  return example !== undefined && isRightAligned(example);
}

function writeRow(target: Target, fields: SheetCell[], style: CellStyle, heightPoints?: number): void {
  const row = openRow(target);
  for (const [index, field] of fields.entries()) {
    const fitted = fitField(field, index, fields);
    const widthChars = index < fields.length - 1 ? target.widthsChars[index] : undefined;
    const value = makeTableCell(clipField(field, widthChars), target.look);
    if (value !== null)
      Object.assign(row.getCell(index + 1), { ...value, style: { ...value.style, ...fitted, ...style } });
  }
  if (heightPoints !== undefined) row.height = heightPoints;
  row.commit();
}

/**
 * Returns the alignment of a cell. Months are aligned left. Amounts, and texts with another cell to their right, shrink
 * to the width of the cell, so that they are not cut off.
 */
function fitField({ type }: SheetCell, index: number, { length }: SheetCell[]): CellStyle {
  if (type === "month") return { alignment: { horizontal: "left" } };
  if (type === "amount") return { alignment: { horizontal: "right", shrinkToFit: true } };
  return type === "text" && index < length - 1 ? { alignment: { shrinkToFit: true } } : {};
}

/**
 * A text is clipped when it is longer than this many times its column's width. Shrinking it to fit would make it too
 * small to read.
 */
const maxShrinking = 1.5;

export function clipField(field: SheetCell, widthChars: number | undefined): SheetCell {
  if (field.type !== "text" || widthChars === undefined) return field;
  return { ...field, text: clipText(field.text, Math.floor(widthChars * maxShrinking)) };
}

/** Starts a new printed page for the tables with data bars. */
function breakPage({ sheet, rows }: Target): void {
  sheet.rowBreaks.push({ id: rows, max: 16_383, man: 1 });
}

/** Leaves rows empty for charts, below an empty row, and returns the number of the first one. */
function leaveChartRows(target: Target): number {
  openRow(target).commit();
  const firstRow = target.rows + 1;
  for (let index = 0; index < chartRows; index += 1) {
    const row = openRow(target);
    row.height = lineHeightPoints;
    row.commit();
  }
  return firstRow;
}

export function openRow(target: RowTarget): SheetRow {
  target.rows += 1;
  return target.sheet.getRow(target.rows);
}

/** Returns the numbers of a row, without its label in the first cell and its total in the last cell. */
function readNumbers(fields: SheetCell[]): number[] {
  return fields.slice(1, -1).flatMap((field) => {
    if (field.type === "integer") return field.integer;
    return field.type === "amount" ? Number(field.amount) : [];
  });
}

function sumChars(widthsChars: number[]): number {
  return widthsChars.reduce((sum, width) => sum + width, 0);
}

type Span = { firstRow: number; rows: number; numbers: number[] };

/** Returns the sheet XML that shows the numbers in the columns as data bars. All columns have the same scale. */
function formatBars(bars: readonly Status[], { firstRow, rows, numbers }: Span): string {
  const maxNumber = Math.max(0, ...numbers);
  if (maxNumber === 0) return "";
  const rules = bars.map((status, index) => {
    const letter = String.fromCharCode("B".charCodeAt(0) + index);
    const span = `${letter}${firstRow}:${letter}${firstRow + rows - 1}`;
    return formatRule(span, index + 1, formatBar(maxNumber, formatArgb(statusColours[status].bar)));
  });
  return rules.join("");
}

function formatRule(span: string, priority: number, bar: string): string {
  const rule = `<cfRule type="dataBar" priority="${priority}">${bar}</cfRule>`;
  return `<conditionalFormatting sqref="${span}">${rule}</conditionalFormatting>`;
}

/** With `minLength="0"` a zero has no bar. By default its bar would fill a tenth of the cell. */
function formatBar(maxNumber: number, argb: string): string {
  const ends = `<cfvo type="num" val="0"/><cfvo type="num" val="${maxNumber}"/>`;
  return `<dataBar minLength="0" maxLength="90">${ends}<color rgb="${argb}"/></dataBar>`;
}

/**
 * Replaces the method with which exceljs writes data bars. exceljs would add an extension with an empty id, and strict
 * readers report such a file as damaged.
 */
function writeBars(sheet: SheetWriter, bars: string): void {
  const replacement: Pick<SheetWriter, "_writeConditionalFormatting"> = {
    _writeConditionalFormatting: () => void sheet.stream.write(bars),
  };
  Object.assign(sheet, replacement);
}

const sharePattern = "0.0%";
const numberPattern = "0.0";
/** Shown in place of a number that does not exist, such as the mean of no values. */
const noNumber = "–";

/** Returns the cell's value and style; null for an empty cell, which is not written. */
export function makeTableCell(field: SheetCell, look: ValueStyle): StyledValue | null {
  const { styles, locale } = look;
  if (field.type === "share") return makeNumber(field.share, { ...styles.plain, numFmt: sharePattern });
  if (field.type === "number") return makeNumber(field.number, { ...styles.plain, numFmt: numberPattern });
  if (field.type === "aside") return { value: field.text, style: { ...styles.indented, font: noteFont } };
  if (field.type === "offers") {
    const numFmt = locale.followUp.offersPattern;
    return { value: field.offers, style: { ...styles.plain, numFmt, alignment: { horizontal: "left" } } };
  }
  if (field.type !== "month") return makeCellValue(field, look);
  const day = makeCellValue({ type: "day", day: field.day }, look);
  return day && { ...day, style: { ...day.style, numFmt: locale.monthPattern } };
}

function makeNumber(number: number | null, style: StyledValue["style"]): StyledValue {
  return number === null
    ? { value: noNumber, style: { ...style, alignment: { horizontal: "right" } } }
    : { value: number, style };
}

/** True for values that a spreadsheet aligns right by default. */
export function isRightAligned({ type }: SheetCell): boolean {
  return ["share", "number", "integer", "amount", "day", "moment"].includes(type);
}
