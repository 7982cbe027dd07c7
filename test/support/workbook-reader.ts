import { Readable } from "node:stream";
import ExcelJS from "exceljs";
import JSZip from "jszip";
import { SaxesParser } from "saxes";
import * as z from "zod";
import { columnLetters } from "../../functions/adapters/spreadsheet/row-xml.ts";
import type { ColumnName } from "../../functions/core/options/column-order.ts";
import { peopleColumns } from "./report-fixtures.ts";

/**
 * Returns the position of a column, from 1, in a report for people with evidence. In a report without evidence, only
 * `remarks` and the ids have other positions.
 */
export function columnNumber(name: ColumnName): number {
  return peopleColumns.findIndex((column) => column.name === name) + 1;
}

/** Returns the address of a cell, such as `D2`. */
export function cellAddress(name: ColumnName, row: number): string {
  return `${columnLetters(columnNumber(name))}${row}`;
}

/** Returns the range of the offers' sheet from the header to the last row, such as `A1:T3`. */
export function offersRange(lastRow: number): string {
  return `A1:${columnLetters(peopleColumns.length)}${lastRow}`;
}

export async function readWorkbook(bytes: Buffer): Promise<ExcelJS.Workbook> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.read(Readable.from([bytes]));
  return book;
}

/** exceljs's declarations say that each entry is a pair, but it is a table. */
const Tables = z.array(z.object({ table: z.object({ tableRef: z.string() }) }));

/** Returns the ranges of the sheet's Excel tables, such as `A1:T3`. */
export function readTableRanges(sheet: ExcelJS.Worksheet): string[] {
  return Tables.parse(sheet.getTables()).map(({ table }) => table.tableRef);
}

/** Reads the XML documents of a workbook, by their names. */
export async function readXmlParts(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await JSZip.loadAsync(bytes);
  const files = Object.values(zip.files).filter((file) => !file.dir);
  return new Map(
    await Promise.all(files.map(async (file) => [file.name, await file.async("string")] as const)),
  );
}

export type XmlElement = { name: string; attributes: Record<string, string>; text: string; path: string };

/**
 * Lists the elements of an XML document in the order in which they start. `text` is the text directly in the element,
 * and `path` names the elements around it and itself, such as `c:ser/c:tx`.
 */
export function listElements(xml: string): XmlElement[] {
  const parser = new SaxesParser();
  const elements: XmlElement[] = [];
  const around: XmlElement[] = [];
  parser.on("opentag", ({ name, attributes }) => {
    const path = [...around.map((element) => element.name), name].join("/");
    const element = { name, attributes: { ...attributes }, text: "", path };
    elements.push(element);
    around.push(element);
  });
  parser.on("closetag", () => void around.pop());
  parser.on("text", (text) => {
    const element = around.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.write(xml).close();
  return elements;
}

/** Returns each cell's text, unescaped, by the cell's address. Throws when the XML is not well formed. */
export function readCellTexts(xml: string): Map<string, string> {
  const parser = new SaxesParser();
  const texts = new Map<string, string>();
  let address = "";
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "c") address = String(attributes["r"]);
  });
  parser.on("closetag", ({ name }) => {
    if (name === "c") address = "";
  });
  parser.on("text", (text) => {
    if (address !== "") texts.set(address, (texts.get(address) ?? "") + text);
  });
  parser.write(xml).close();
  return new Map([...texts].map(([cell, text]) => [cell, unescapeText(text)]));
}

/** Replaces the escapes of ECMA-376 part 1, 22.9.2.19, such as `_x000D_`, by their characters. */
function unescapeText(text: string): string {
  return text.replace(/_x([\da-f]{4})_/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Reads the values of the cells of every sheet, row by row. */
export async function readCellValues(bytes: Buffer): Promise<unknown[][]> {
  const { worksheets } = await readWorkbook(bytes);
  const count = (most: number) => Array.from({ length: most }, (_, index) => index + 1);
  return worksheets.flatMap((sheet) =>
    count(sheet.rowCount).map((row) =>
      count(sheet.columnCount).map((column) => sheet.getCell(row, column).value),
    ),
  );
}
