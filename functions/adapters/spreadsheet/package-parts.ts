import WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import ContentTypesXform from "exceljs/lib/xlsx/xform/core/content-types-xform.js";
import { escapeXml } from "../../core/basics/safe-text.ts";
import { type Chart, type ChartFrame, formatChart, formatDrawing } from "./chart-xml.ts";

/**
 * This file adds tables and charts to the workbook, which exceljs cannot stream. Each one is a further XML file of the
 * package (ECMA-376 part 1, 12.3), with a content type and with a relationship from the sheet. A part has the number of
 * its sheet, because a sheet has at most one table or one drawing.
 */

const spreadsheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const drawingType = "application/vnd.openxmlformats-officedocument.drawing";
const relationshipType = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** Starts every XML file. */
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

type Part = { name: string; contentType: string; xml: string };

/** The workbook writer, with further parts in its package. */
export class ReportWorkbook extends WorkbookWriter {
  readonly #parts: Part[] = [];

  addPart(part: Part): void {
    this.#parts.push(part);
    this.addFile(part.name, part.xml);
  }

  addFile(name: string, xml: string): void {
    this.zip.append(declaration + xml, { name });
  }

  /** Replaces exceljs's method, which knows only exceljs's own parts. */
  override addContentTypes(): Promise<void> {
    const { _worksheets: sheets } = this;
    const worksheets = sheets.filter((sheet) => sheet !== undefined);
    const types = this.#parts.map(
      ({ name, contentType }) => `<Override PartName="/${name}" ContentType="${contentType}"/>`,
    );
    const xml = new ContentTypesXform().toXml({ worksheets });
    this.zip.append(xml.replace("</Types>", `${types.join("")}</Types>`), { name: "[Content_Types].xml" });
    return Promise.resolve();
  }

  /** Replaces exceljs's method, to correct the order of the elements of fonts. */
  override addStyles(): Promise<void> {
    this.zip.append(sortFonts(this.styles.xml), { name: "xl/styles.xml" });
    return Promise.resolve();
  }
}

/** The order that Office's schema prescribes. exceljs writes no other elements for this workbook's fonts. */
const fontElements = ["b", "i", "sz", "color", "name", "family", "scheme"];

function sortFonts(stylesXml: string): string {
  return stylesXml.replace(/(?<=<font>).*?(?=<\/font>)/g, (content) => {
    const elements = content.match(/<[^>]+>/g) ?? [];
    const findPlace = (element: string) => fontElements.indexOf(/\w+/.exec(element)?.[0] ?? "");
    return elements.toSorted((a, b) => findPlace(a) - findPlace(b)).join("");
  });
}

/** `name` is unique in the workbook, and a valid name in formulas. `columns` are the texts of the range's first row. */
export type ExcelTable = { name: string; range: string; columns: string[] };

/** Makes a table of a range of the sheet. Call it before the sheet is committed. */
export function addTable(book: ReportWorkbook, sheet: SheetWriter, table: ExcelTable): void {
  const path = `tables/table${sheet.id}.xml`;
  book.addPart({
    name: `xl/${path}`,
    contentType: `${spreadsheetType}.table+xml`,
    xml: formatTable(table, sheet.id),
  });
  const id = relate(sheet, "table", path);
  endSheet(sheet, `<tableParts count="1"><tablePart r:id="${id}"/></tableParts>`);
}

/** A quiet style: grey stripes, and a line above and below the table. Cells keep their own fills. */
const tableStyle =
  '<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="1" showColumnStripes="0"/>';

function formatTable({ name, range, columns }: ExcelTable, id: number): string {
  const start = `<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="${id}"`;
  const names = columns.map(
    (column, index) => `<tableColumn id="${index + 1}" name="${escapeXml(column)}"/>`,
  );
  return [
    `${start} name="${name}" displayName="${name}" ref="${range}" totalsRowShown="0">`,
    `<autoFilter ref="${range}"/>`,
    `<tableColumns count="${columns.length}">${names.join("")}</tableColumns>`,
    `${tableStyle}</table>`,
  ].join("");
}

/** Draws charts on the sheet. Call it before the sheet is committed. */
export function addCharts(book: ReportWorkbook, sheet: SheetWriter, charts: PlacedChart[]): void {
  const path = `drawings/drawing${sheet.id}.xml`;
  const links = charts.map(({ chart }, index) => {
    const chartPath = `charts/chart${sheet.id}${index + 1}.xml`;
    const contentType = `${drawingType}ml.chart+xml`;
    book.addPart({ name: `xl/${chartPath}`, contentType, xml: formatChart(chart) });
    return `<Relationship Id="rId${index + 1}" Type="${relationshipType}/chart" Target="../${chartPath}"/>`;
  });
  book.addFile(
    `xl/drawings/_rels/drawing${sheet.id}.xml.rels`,
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${links.join("")}</Relationships>`,
  );
  const frames = charts.map(({ frame }, index) => ({ ...frame, relationshipId: `rId${index + 1}` }));
  book.addPart({ name: `xl/${path}`, contentType: `${drawingType}+xml`, xml: formatDrawing(frames) });
  endSheet(sheet, `<drawing r:id="${relate(sheet, "drawing", path)}"/>`);
}

export type PlacedChart = { chart: Chart; frame: Omit<ChartFrame, "relationshipId"> };

/** Adds a relationship from the sheet to a part, and returns the relationship's id. */
function relate({ _sheetRelsWriter: relationships }: SheetWriter, type: string, path: string): string {
  return relationships.addRelationship({ Type: `${relationshipType}/${type}`, Target: `../${path}` });
}

/**
 * Replaces the method with which exceljs writes the drawing of comments. The schema wants drawings and tables at this
 * place, as the last elements of a sheet.
 */
function endSheet(sheet: SheetWriter, xml: string): void {
  const replacement: Pick<SheetWriter, "_writeLegacyData"> = {
    _writeLegacyData: () => void sheet.stream.write(xml),
  };
  Object.assign(sheet, replacement);
}
