import type { CellStyle, CellValue } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import { readCell } from "../../core/report/columns--cell.ts";
import {
  formatNumberCell,
  formatRowXml,
  formatRunCell,
  formatTextCell,
  makeCellOpening,
  columnLetters,
  type CellOpening,
} from "./row-xml--markup.ts";
import type { Row } from "../../core/report/report-row.ts";
import { makeCellValue, type ValueStyle } from "./cell-styles--value.ts";
import type { Column } from "../../core/report/columns.ts";

/** Writes a row as the XML of a sheet; the header's number is 1. */
export type SerializeRow = (row: Row, number: number) => string;

type Look = ValueStyle & { columns: Column[]; findStyleId: (style: CellStyle) => number };

export function createRowSerializer(look: Look): SerializeRow {
  const places = look.columns.map((column, index) => {
    const number = index + 1;
    return { column, number, address: `<c r="${columnLetters(number)}` };
  });
  const findOpening = rememberOpenings(look);

  return (row, number) => {
    const digits = String(number);
    let cells = "";
    let firstColumn = 0;
    let lastColumn = 0;
    for (const place of places) {
      const value = makeCellValue(readCell(row, place.column), look);
      if (value === null) continue;
      cells += place.address + digits + formatContent(value.value, findOpening(value.style));
      firstColumn ||= place.number;
      lastColumn = place.number;
    }
    return formatRowXml(cells, { number, firstColumn, lastColumn });
  };
}

/** exceljs, too, knows a style again, but only by writing it as XML. */
function rememberOpenings({ findStyleId }: Look): (style: CellStyle) => CellOpening {
  const known = new Map<CellStyle, CellOpening>();

  return (style) => {
    const found = known.get(style);
    if (found !== undefined) return found;
    const opening = makeCellOpening(findStyleId(style));
    known.set(style, opening);
    return opening;
  };
}

function formatContent(value: CellValue, opening: CellOpening): string {
  if (typeof value === "string") return formatTextCell(value, opening);
  if (typeof value === "number") return formatNumberCell(value, opening);
  return formatRunCell(value.richText.map(({ text }) => text).join(""), opening);
}
