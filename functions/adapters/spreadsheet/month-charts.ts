import { languageTags } from "../../core/basics/languages.ts";
import type { Locale } from "../../core/language/locale.ts";
import { stackedStatuses, statusColours } from "../../core/offer/status-colours.ts";
import {
  readCellNumber,
  type SheetCell,
  type SheetChart,
  type SheetPage,
} from "../../core/sheets/sheet-table.ts";
import { findSerial } from "./cell-styles.ts";
import type { Chart, ChartCorner, ChartSeries } from "./chart-xml.ts";
import type { PlacedChart } from "./package-parts.ts";
import { columnLetters } from "./row-xml.ts";

/** The number of rows that stay empty for the charts of a sheet. */
export const chartRows = 17;

/** Charts stand side by side. A chart takes half of the sheet's width, also when it stands alone. */
const chartsAcross = 2;
const gapPixels = 10;
/** The width of a digit in the workbook's font. A column's width is a number of digits. */
const digitPixels = 7;

/** The rows of a sheet that its charts need, counted from 1. */
export type ChartRows = {
  /** The first of the rows that are empty for the charts. */
  firstRow: number;
  /** Returns the row with the column headings of the chart's table. */
  findHeadings: (chart: SheetChart) => number;
};

/** Places the charts of a sheet, and ties them to the cells of their tables. */
export function placeCharts(page: SheetPage, rows: ChartRows, locale: Locale): PlacedChart[] {
  const widths = page.widthsChars.map((chars) => chars * digitPixels);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const size = (total - gapPixels * (chartsAcross - 1)) / chartsAcross;
  const row = rows.firstRow - 1;
  return (page.charts ?? []).map((chart, index) => {
    const left = index * (size + gapPixels);
    const from = { ...findColumn(widths, left), row };
    const to = { ...findColumn(widths, left + size), row: row + chartRows };
    const cells = { sheetName: page.name, headingRow: rows.findHeadings(chart) };
    return { chart: makeChart(chart, cells, locale), frame: { description: chart.description, from, to } };
  });
}

/** Returns the column at a distance from the sheet's left edge, and the rest of the distance. */
function findColumn(widths: number[], distance: number): Omit<ChartCorner, "row"> {
  let offsetPixels = distance;
  for (const [column, width] of widths.entries()) {
    if (offsetPixels <= width) return { column, offsetPixels };
    offsetPixels -= width;
  }
  return { column: widths.length, offsetPixels: 0 };
}

type TableCells = { sheetName: string; headingRow: number };

/** Makes a chart of the months in a table. Rows for offers of other dates stand below the months, and are left out. */
function makeChart(
  { title, table }: SheetChart,
  { sheetName, headingRow }: TableCells,
  locale: Locale,
): Chart {
  const months = table.rows.filter(([cell]) => cell?.type === "month");
  const sheet = `'${sheetName.replaceAll("'", "''")}'!`;
  const formatCell = (column: number, row: number) => `$${columnLetters(column)}$${row}`;
  const formatMonths = (column: number) =>
    `${sheet}${formatCell(column, headingRow + 1)}:${formatCell(column, headingRow + months.length)}`;
  const readColumn = (column: number) => months.map((cells) => readNumber(cells[column - 1]));
  const stacked = stackedStatuses.filter((status) => table.bars.includes(status));
  const series = stacked.map((status): ChartSeries => {
    const column = table.bars.indexOf(status) + 2;
    return {
      name: { formula: `${sheet}${formatCell(column, headingRow)}`, text: locale.statuses[status] },
      colour: statusColours[status].strong.slice(1),
      values: { formula: formatMonths(column), pattern: numberPattern, numbers: readColumn(column) },
    };
  });
  return {
    title,
    language: languageTags[locale.language],
    dates: {
      formula: formatMonths(1),
      pattern: locale.monthPattern.replace("mmmm", "mmm"),
      numbers: readColumn(1),
    },
    series: series.filter(({ values }) => values.numbers.some((number) => number !== null)),
    pattern: numberPattern,
    majorUnit: findHighest(months) < minHeight ? 1 : null,
  };
}

/** The number format of whole numbers. Programs show the thousands as the reader's system does. */
const numberPattern = "#,##0";

/** Below this height programs draw lines at fractions, which the number format would round. */
const minHeight = 5;

/** Returns the height of the highest column, with its part below zero. A month's last cell is the total. */
function findHighest(months: SheetCell[][]): number {
  const heights = months.map((cells) =>
    cells.slice(1, -1).reduce((height, cell) => height + Math.abs(readNumber(cell) ?? 0), 0),
  );
  return Math.max(...heights);
}

/** Returns the number that the sheet has in the cell; a month is the number of its first day. */
function readNumber(cell: SheetCell | undefined): number | null {
  if (cell === undefined) return null;
  return cell.type === "month" ? findSerial(cell.day) : readCellNumber(cell);
}
