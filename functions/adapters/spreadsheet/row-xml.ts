import type { CellStyle, CellValue } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import { readCell } from "../../core/report/columns--cell.ts";
import {
  formatNumber,
  formatRow,
  formatRun,
  formatText,
  makeOpening,
  nameColumn,
  type Opening,
} from "./row-xml--markup.ts";
import type { Row } from "../../core/report/report-row.ts";
import { makeValue, type ValueLook } from "./cell-styles--value.ts";
import type { Column } from "../../core/report/columns.ts";

/** Writes a row as the XML of a sheet; the header's number is 1. */
export type Serialise = (row: Row, number: number) => string;

type Look = ValueLook & { columns: Column[]; findStyleId: (style: CellStyle) => number };

export function createSerialiser(look: Look): Serialise {
  const places = look.columns.map((column, index) => {
    const number = index + 1;
    return { column, number, address: `<c r="${nameColumn(number)}` };
  });
  const findOpening = rememberOpenings(look);

  return (row, number) => {
    const digits = String(number);
    let cells = "";
    let firstColumn = 0;
    let lastColumn = 0;
    for (const place of places) {
      const value = makeValue(readCell(row, place.column), look);
      if (value === null) continue;
      cells += place.address + digits + formatContent(value.value, findOpening(value.style));
      firstColumn ||= place.number;
      lastColumn = place.number;
    }
    return formatRow(cells, { number, firstColumn, lastColumn });
  };
}

/** exceljs, too, knows a style again, but only by writing it as XML. */
function rememberOpenings({ findStyleId }: Look): (style: CellStyle) => Opening {
  const known = new Map<CellStyle, Opening>();

  return (style) => {
    const found = known.get(style);
    if (found !== undefined) return found;
    const opening = makeOpening(findStyleId(style));
    known.set(style, opening);
    return opening;
  };
}

function formatContent(value: CellValue, opening: Opening): string {
  if (typeof value === "string") return formatText(value, opening);
  if (typeof value === "number") return formatNumber(value, opening);
  return formatRun(value.richText.map(({ text }) => text).join(""), opening);
}
