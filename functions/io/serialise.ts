import type { CellStyle } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import { readCell } from "../core/cell.ts";
import { formatNumber, formatRow, formatRun, formatStyle, formatText, nameColumn } from "../core/markup.ts";
import type { Row } from "../core/row.ts";
import { makeValue, type Value, type ValueLook } from "./value.ts";
import type { Column } from "../core/column.ts";

/** Writes a row as the XML of a sheet; the header's number is 1. */
export type Serialise = (row: Row, number: number) => string;

type Look = ValueLook & { columns: Column[]; findStyleId: (style: CellStyle) => number };

export function createSerialiser(look: Look): Serialise {
  const places = look.columns.map((column, index) => {
    const name = nameColumn(index + 1);
    return { column, number: index + 1, opening: `<c r="${name}` };
  });
  const formatStyleOf = rememberStyles(look);

  return (row, number) => {
    let cells = "";
    let firstColumn = 0;
    let lastColumn = 0;
    for (const place of places) {
      const value = makeValue(readCell(row, place.column), look);
      if (value === null) continue;
      cells += `${place.opening}${number}"${formatStyleOf(value.style)}${formatContent(value)}`;
      firstColumn ||= place.number;
      lastColumn = place.number;
    }
    return formatRow(cells, { number, firstColumn, lastColumn });
  };
}

/** The workbook knows an equal style again too, but takes as long as writing a row. */
function rememberStyles({ findStyleId }: Look): (style: CellStyle) => string {
  const known = new Map<CellStyle, string>();

  return (style) => {
    const found = known.get(style);
    if (found !== undefined) return found;
    const attribute = formatStyle(findStyleId(style));
    known.set(style, attribute);
    return attribute;
  };
}

function formatContent({ value }: Value): string {
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string"
    ? formatText(value)
    : formatRun(value.richText.map(({ text }) => text).join(""));
}
