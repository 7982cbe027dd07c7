import type { CellStyle } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Calendar } from "../../core/basics/calendar.ts";
import { countLines } from "../../core/basics/safe-text.ts";
import type { Locale } from "../../core/language/locale.ts";
import type { SheetCell, SheetList } from "../../core/sheets/sheet-table.ts";
import { createCellStyles, lineHeightPoints, noteFont, titleFont } from "./cell-styles.ts";
import { addTable, type ReportWorkbook } from "./package-parts.ts";
import { makeFooter, setUpWidePrint } from "./print-setup.ts";
import { cacheOpenings, columnLetters, formatContent, formatRowXml } from "./row-xml.ts";
import {
  clipField,
  columnStyle,
  isRightAligned,
  makeTableCell,
  openRow,
  type RowTarget,
  titleHeightPoints,
  totalRowStyle,
  writeFactRow,
} from "./table-sheet-writer.ts";

type Look = { locale: Locale; calendar: Calendar };
type Target = RowTarget & { widthsChars: number[] };

/**
 * Writes a sheet with one wide Excel table, for printing in landscape format. The header row and the first column are
 * frozen. The totals stand below the table, so that no filter hides them.
 */
export function writeListSheet(book: ReportWorkbook, list: SheetList, { locale, calendar }: Look): void {
  const { name, title, facts, columns, rows, widthsChars } = list;
  const headerRow = 1 + facts.length + 2;
  const sheet = book.addWorksheet(name, {
    views: [{ showGridLines: false, state: "frozen", xSplit: 1, ySplit: headerRow }],
    pageSetup: setUpWidePrint(widthsChars, { headerRow, titleColumns: 1 }),
  });
  sheet.headerFooter = makeFooter(locale);
  sheet.columns = widthsChars.map((width) => ({ width }));
  const look = { locale, calendar, styles: createCellStyles(locale) };
  const target: Target = { sheet, look, widthsChars, rows: 0 };
  writeTitle(target, title);
  for (const { label, field } of facts) writeFactRow(target, label, field);
  openRow(target).commit();
  writeHeader(target, list);
  writeRows(book, target, list);
  const range = `A${headerRow}:${columnLetters(columns.length)}${headerRow + rows.length}`;
  if (rows.length > 0) addTable(book, sheet, { name, range, columns });
  sheet.commit();
}

function writeTitle(target: Target, value: string): void {
  const row = openRow(target);
  Object.assign(row.getCell(1), { value, style: { font: titleFont } });
  row.height = titleHeightPoints;
  row.commit();
}

/** Writes the headings, with an empty line below them for the filter buttons. */
function writeHeader(target: Target, { columns, rows }: SheetList): void {
  const row = openRow(target);
  let lines = 1;
  for (const [index, value] of columns.entries()) {
    const isRight = rows.some((cells) => isRightAligned(cells[index] ?? { type: "empty" }));
    const alignment = { horizontal: isRight ? "right" : "left", vertical: "top", wrapText: true } as const;
    Object.assign(row.getCell(index + 1), { value, style: { ...columnStyle, alignment } });
    lines = Math.max(lines, countLines(value, target.widthsChars[index] ?? 0));
  }
  row.height = (lines + 1) * lineHeightPoints;
  row.commit();
}

const noStyle: CellStyle = {};
const shrunkText: CellStyle = { alignment: { shrinkToFit: true } };
const noteStyle: CellStyle = { font: noteFont };

/**
 * Writes the rows below the header as XML, because exceljs's row API takes several times as long. After these rows, the
 * row API must not be used.
 */
function writeRows(book: ReportWorkbook, target: Target, { rows, totals, notes }: SheetList): void {
  const findStyleId = (style: CellStyle) => book.styles.addStyleModel(style);
  const findOpening = cacheOpenings({ findStyleId });
  const restyle = createRestyle();
  const letters = target.widthsChars.map((_, index) => columnLetters(index + 1));

  /** Returns the XML of a cell. The style's properties, such as its border, apply to an empty cell, too. */
  function formatCell(
    cell: SheetCell,
    address: string,
    { index, more }: { index: number; more: CellStyle },
  ): string {
    const made = makeTableCell(clipField(cell, target.widthsChars[index]), target.look);
    if (made === null) return more === noStyle ? "" : `<c r="${address}" s="${findStyleId(more)}"/>`;
    const style = cell.type === "text" ? restyle(made.style, shrunkText) : made.style;
    return `<c r="${address}${formatContent(made.value, findOpening(restyle(style, more)))}`;
  }

  function formatRow(cells: SheetCell[], more: CellStyle): string {
    target.rows += 1;
    const number = target.rows;
    const xml = cells.map((cell, index) => formatCell(cell, `${letters[index]}${number}`, { index, more }));
    return formatRowXml(xml.join(""), { number, firstColumn: 1, lastColumn: cells.length });
  }

  /** Returns the XML of a row with a text that extends over the empty cells to its right. */
  function formatNote(text: string): string {
    target.rows += 1;
    const number = target.rows;
    const made = makeTableCell({ type: "text", text }, target.look);
    const cell = made && `<c r="A${number}${formatContent(made.value, findOpening(noteStyle))}`;
    return formatRowXml(cell ?? "", { number, firstColumn: 1, lastColumn: 1 });
  }

  const lines = [
    ...rows.map((cells) => formatRow(cells, noStyle)),
    ...totals.map((cells) => formatRow(cells, totalRowStyle)),
    ...notes.map(formatNote),
  ];
  void target.sheet.stream.write(lines.join(""));
}

/** Returns the style of a cell with further properties; the same object for the same arguments. */
type Restyle = (base: CellStyle, more: CellStyle) => CellStyle;

function createRestyle(): Restyle {
  const known = new Map<CellStyle, Map<CellStyle, CellStyle>>();

  return (base, more) => {
    const restyled = known.get(base) ?? new Map<CellStyle, CellStyle>();
    known.set(base, restyled);
    const style = restyled.get(more) ?? { ...base, ...more };
    restyled.set(more, style);
    return style;
  };
}
