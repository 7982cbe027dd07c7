import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Status } from "../../core/offer/offer-status.ts";

/** Darker than the cells' tints, so that a pale one shows. */
const colours: Record<Status, string> = {
  open: "FFF0D58A",
  accepted: "FFA3CBA0",
  rejected: "FFE3A79D",
  expired: "FFB3B8C2",
};

type Span = { firstRow: number; rows: number; numbers: number[] };

/** The numbers of columns drawn as bars too, one scale for all of them; as the XML of a sheet. */
export function formatBars(bars: readonly Status[], { firstRow, rows, numbers }: Span): string {
  const most = Math.max(0, ...numbers);
  if (most === 0) return "";
  const rules = bars.map((status, index) => {
    const letter = String.fromCharCode("B".charCodeAt(0) + index);
    const span = `${letter}${firstRow}:${letter}${firstRow + rows - 1}`;
    return formatRule(span, index + 1, formatBar(most, colours[status]));
  });
  return rules.join("");
}

function formatRule(span: string, priority: number, bar: string): string {
  const rule = `<cfRule type="dataBar" priority="${priority}">${bar}</cfRule>`;
  return `<conditionalFormatting sqref="${span}">${rule}</conditionalFormatting>`;
}

/** A bar that is none for nothing: without `minLength` a tenth of the cell would be the least. */
function formatBar(most: number, argb: string): string {
  const ends = `<cfvo type="num" val="0"/><cfvo type="num" val="${most}"/>`;
  return `<dataBar minLength="0" maxLength="90">${ends}<color rgb="${argb}"/></dataBar>`;
}

/** exceljs itself gives each bar an extension with an empty id, which a strict reader takes for damage. */
export function writeBars(sheet: SheetWriter, bars: string): void {
  const own: Pick<SheetWriter, "_writeConditionalFormatting"> = {
    _writeConditionalFormatting: () => void sheet.stream.write(bars),
  };
  Object.assign(sheet, own);
}
