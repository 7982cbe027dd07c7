import type { CellStyle, CellValue } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import { escapeXml } from "../../core/basics/safe-text.ts";
import { type Column, readCell } from "../../core/report/columns.ts";
import type { Row } from "../../core/report/report-row.ts";
import { makeCellValue, type ValueStyle } from "./cell-styles.ts";

/** Writes a row of a sheet as XML. `number` is the row's number in the sheet, where the header is row 1. */
export type SerializeRow = (row: Row, number: number) => string;

type Look = ValueStyle & { columns: Column[]; findStyleId: (style: CellStyle) => number };

export function createRowSerializer(look: Look): SerializeRow {
  const cellStarts = look.columns.map((column, index) => {
    const number = index + 1;
    return { column, number, address: `<c r="${columnLetters(number)}` };
  });
  const findOpening = cacheOpenings(look);

  return (row, number) => {
    const digits = String(number);
    let cells = "";
    let firstColumn = 0;
    let lastColumn = 0;
    for (const start of cellStarts) {
      const value = makeCellValue(readCell(row, start.column), look);
      if (value === null) continue;
      cells += start.address + digits + formatContent(value.value, findOpening(value.style));
      firstColumn ||= start.number;
      lastColumn = start.number;
    }
    return formatRowXml(cells, { number, firstColumn, lastColumn });
  };
}

/** Caches the XML of styles by the style object. exceljs itself would write a style as XML for each lookup. */
export function cacheOpenings({ findStyleId }: Pick<Look, "findStyleId">): (style: CellStyle) => CellOpening {
  const known = new Map<CellStyle, CellOpening>();

  return (style) => {
    const found = known.get(style);
    if (found !== undefined) return found;
    const opening = makeCellOpening(findStyleId(style));
    known.set(style, opening);
    return opening;
  };
}

export function formatContent(value: CellValue, opening: CellOpening): string {
  if (typeof value === "string") return formatTextCell(value, opening);
  if (typeof value === "number") return formatNumberCell(value, opening);
  return formatRunCell(value.richText.map(({ text }) => text).join(""), opening);
}

/** The XML between a cell's address and its content, for each type of content. */
export type CellOpening = { number: string; text: string; run: string; blankRun: string };

export function makeCellOpening(styleId: number): CellOpening {
  const style = styleId === 0 ? "" : ` s="${styleId}"`;
  const run = `"${style} t="inlineStr"><is><r><t`;
  return {
    number: `"${style}><v>`,
    text: `"${style} t="str"><v>`,
    run: `${run}>`,
    blankRun: `${run} xml:space="preserve">`,
  };
}

export function formatNumberCell(number: number, opening: CellOpening): string {
  return `${opening.number}${number}</v></c>`;
}

export function formatTextCell(text: string, opening: CellOpening): string {
  return `${opening.text}${escapeXml(text)}</v></c>`;
}

const blank = /^\s|\n|\s$/;

/** Writes a cell with an inline string. `xml:space` keeps line breaks, and blanks at the start and end of the text. */
export function formatRunCell(text: string, opening: CellOpening): string {
  return `${blank.test(text) ? opening.blankRun : opening.run}${escapeXml(text)}</t></r></is></c>`;
}

type Span = { number: number; firstColumn: number; lastColumn: number };

/** Returns the XML of a row, or "" for a row without cells. */
export function formatRowXml(cells: string, { number, firstColumn, lastColumn }: Span): string {
  if (cells === "") return "";
  return `<row r="${number}" spans="${firstColumn}:${lastColumn}" x14ac:dyDescent="0.25">${cells}</row>`;
}

const letters = 26;

/** Returns the letters of a column: `A` for column 1, `AA` for column 27. */
export function columnLetters(number: number): string {
  if (number <= letters) return String.fromCharCode(64 + number);
  return columnLetters(Math.floor((number - 1) / letters)) + columnLetters(((number - 1) % letters) + 1);
}
