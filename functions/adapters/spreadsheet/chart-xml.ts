import { escapeXml } from "../../core/basics/safe-text.ts";

/** Cells of one column, as a chart refers to them. The numbers are what a program shows that does not read the cells. */
type NumberCells = { formula: string; pattern: string; numbers: (number | null)[] };

/** The columns of one colour: a part of each stacked column. The name stands in a cell. */
export type ChartSeries = {
  name: { formula: string; text: string };
  /** Six hexadecimal digits. */
  colour: string;
  values: NumberCells;
};

/** A chart of stacked columns. The latest of the dates stands in the first cell, and in the last column of the chart. */
export type Chart = {
  title: string;
  /** A tag such as `nl-NL`. */
  language: string;
  dates: NumberCells;
  series: ChartSeries[];
  /** The number format of the value axis. */
  pattern: string;
  /** The distance between the lines of the value axis; null to leave it to the program. */
  majorUnit: number | null;
};

const drawingMain = "http://schemas.openxmlformats.org/drawingml/2006/main";
const chartMain = "http://schemas.openxmlformats.org/drawingml/2006/chart";
const relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

const textColour = "404040";
const lineColour = "D9D9D9";

/** Writes a chart part. The schema (ECMA-376 part 1, 21.2) prescribes the order of all elements. */
export function formatChart(chart: Chart): string {
  return [
    `<c:chartSpace xmlns:c="${chartMain}" xmlns:a="${drawingMain}" xmlns:r="${relationships}">`,
    `<c:roundedCorners val="0"/><c:chart>${formatTitle(chart)}<c:autoTitleDeleted val="0"/>`,
    `<c:plotArea><c:layout/>${formatColumns(chart)}${formatDateAxis(chart)}${formatValueAxis(chart)}</c:plotArea>`,
    '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>',
    '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>',
    `<c:spPr>${formatFill("FFFFFF")}${formatLine(lineColour)}</c:spPr>`,
    `${formatText('sz="900"')}</c:chartSpace>`,
  ].join("");
}

function formatFill(colour: string): string {
  return `<a:solidFill><a:srgbClr val="${colour}"/></a:solidFill>`;
}

function formatLine(colour: string): string {
  return `<a:ln w="9525">${formatFill(colour)}</a:ln>`;
}

/** Sets the font of all texts of an element. */
function formatText(font: string, rotation = ""): string {
  const properties = `<a:pPr><a:defRPr ${font}>${formatFill(textColour)}</a:defRPr></a:pPr>`;
  return `<c:txPr><a:bodyPr${rotation}/><a:lstStyle/><a:p>${properties}<a:endParaRPr/></a:p></c:txPr>`;
}

function formatTitle({ title, language }: Chart): string {
  const font = `sz="1100" b="1">${formatFill(textColour)}`;
  const run = `<a:r><a:rPr lang="${language}" ${font}</a:rPr><a:t>${escapeXml(title)}</a:t></a:r>`;
  const paragraph = `<a:p><a:pPr><a:defRPr ${font}</a:defRPr></a:pPr>${run}</a:p>`;
  return `<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/>${paragraph}</c:rich></c:tx><c:overlay val="0"/></c:title>`;
}

const dateAxis = 1;
const valueAxis = 2;

function formatColumns({ dates, series }: Chart): string {
  return [
    '<c:barChart><c:barDir val="col"/><c:grouping val="stacked"/><c:varyColors val="0"/>',
    ...series.map((one, index) => formatSeries(one, index, dates)),
    `<c:gapWidth val="35"/><c:overlap val="100"/><c:axId val="${dateAxis}"/><c:axId val="${valueAxis}"/></c:barChart>`,
  ].join("");
}

function formatSeries({ name, colour, values }: ChartSeries, index: number, dates: NumberCells): string {
  const cache = `<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>${escapeXml(name.text)}</c:v></c:pt></c:strCache>`;
  return [
    `<c:ser><c:idx val="${index}"/><c:order val="${index}"/>`,
    `<c:tx><c:strRef><c:f>${escapeXml(name.formula)}</c:f>${cache}</c:strRef></c:tx>`,
    // The white line separates the parts of a stack also where their colours print alike.
    `<c:spPr>${formatFill(colour)}${formatLine("FFFFFF")}</c:spPr><c:invertIfNegative val="0"/>`,
    `<c:cat>${formatNumbers(dates)}</c:cat><c:val>${formatNumbers(values)}</c:val></c:ser>`,
  ].join("");
}

function formatNumbers({ formula, pattern, numbers }: NumberCells): string {
  const points = numbers.map((number, index) =>
    number === null ? "" : `<c:pt idx="${index}"><c:v>${number}</c:v></c:pt>`,
  );
  const count = `<c:ptCount val="${numbers.length}"/>`;
  const cache = `<c:formatCode>${escapeXml(pattern)}</c:formatCode>${count}${points.join("")}`;
  return `<c:numRef><c:f>${escapeXml(formula)}</c:f><c:numCache>${cache}</c:numCache></c:numRef>`;
}

const noMarks = '<c:majorTickMark val="none"/><c:minorTickMark val="none"/>';

/**
 * Runs from right to left, because the latest month stands first in the cells. A true date axis would sort the months
 * itself, but not every program reads it so. The labels stand below negative columns too.
 */
function formatDateAxis({ dates }: Chart): string {
  return [
    `<c:catAx><c:axId val="${dateAxis}"/><c:scaling><c:orientation val="maxMin"/></c:scaling>`,
    '<c:delete val="0"/><c:axPos val="b"/>',
    `<c:numFmt formatCode="${escapeXml(dates.pattern)}" sourceLinked="0"/>`,
    `${noMarks}<c:tickLblPos val="low"/><c:spPr>${formatLine("7F7F7F")}</c:spPr>`,
    formatText('sz="800"', ' rot="-5400000" vert="horz"'),
    `<c:crossAx val="${valueAxis}"/><c:crosses val="autoZero"/><c:auto val="0"/>`,
    '<c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:tickLblSkip val="1"/><c:noMultiLvlLbl val="1"/></c:catAx>',
  ].join("");
}

/** Crosses the date axis at its last date in the cells, which is on the left. */
function formatValueAxis({ pattern, majorUnit }: Chart): string {
  return [
    `<c:valAx><c:axId val="${valueAxis}"/><c:scaling><c:orientation val="minMax"/></c:scaling>`,
    '<c:delete val="0"/><c:axPos val="l"/>',
    `<c:majorGridlines><c:spPr>${formatLine(lineColour)}</c:spPr></c:majorGridlines>`,
    `<c:numFmt formatCode="${escapeXml(pattern)}" sourceLinked="0"/>`,
    `${noMarks}<c:tickLblPos val="nextTo"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>`,
    `<c:crossAx val="${dateAxis}"/><c:crosses val="max"/><c:crossBetween val="between"/>`,
    `${majorUnit === null ? "" : `<c:majorUnit val="${majorUnit}"/>`}</c:valAx>`,
  ].join("");
}

/** A point of a sheet: a column and a row, counted from 0, and a distance from the column's left edge. */
export type ChartCorner = { column: number; offsetPixels: number; row: number };

/** The place of a chart on its sheet. The description is for readers who do not see the chart. */
export type ChartFrame = {
  relationshipId: string;
  description: string;
  from: ChartCorner;
  to: ChartCorner;
};

const spreadsheetDrawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing";

/** Writes the drawing part of a sheet, which places its charts (ECMA-376 part 1, 20.5). */
export function formatDrawing(frames: ChartFrame[]): string {
  return `<xdr:wsDr xmlns:xdr="${spreadsheetDrawing}" xmlns:a="${drawingMain}">${frames.map(formatFrame).join("")}</xdr:wsDr>`;
}

function formatFrame({ relationshipId, description, from, to }: ChartFrame, index: number): string {
  const properties = `id="${index + 2}" name="Chart ${index + 1}" descr="${escapeXml(description)}"`;
  const chart = `<c:chart xmlns:c="${chartMain}" xmlns:r="${relationships}" r:id="${relationshipId}"/>`;
  return [
    '<xdr:twoCellAnchor editAs="oneCell">',
    `<xdr:from>${formatCorner(from)}</xdr:from><xdr:to>${formatCorner(to)}</xdr:to>`,
    `<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr ${properties}/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>`,
    '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>',
    `<a:graphic><a:graphicData uri="${chartMain}">${chart}</a:graphicData></a:graphic>`,
    "</xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>",
  ].join("");
}

/** The size of a pixel in the unit of drawings: a screen has 96 pixels an inch, and an inch has 914,400 units. */
const pixelUnits = 9525;

function formatCorner({ column, offsetPixels, row }: ChartCorner): string {
  const offset = Math.round(offsetPixels * pixelUnits);
  return `<xdr:col>${column}</xdr:col><xdr:colOff>${offset}</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff>`;
}
