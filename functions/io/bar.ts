import type { SheetWriter } from "exceljs/lib/stream/xlsx/workbook-writer.js";
import type { Status } from "../core/status.ts";

/** Darker than the cells' tints, so that a pale one shows. */
const colours: Record<Status, string> = {
  open: "FFF0D58A",
  accepted: "FFA3CBA0",
  rejected: "FFE3A79D",
  expired: "FFB3B8C2",
};

type Span = { firstRow: number; rows: number; numbers: number[] };

/** Draws the numbers of columns as bars too, one scale for all of them. */
export function addBars(
  sheet: SheetWriter,
  bars: readonly Status[],
  { firstRow, rows, numbers }: Span,
): void {
  const most = Math.max(0, ...numbers);
  if (most === 0) return;
  for (const [index, status] of bars.entries()) {
    const letter = String.fromCharCode("B".charCodeAt(0) + index);
    const cfvo = [
      { type: "num", value: 0 },
      { type: "num", value: most },
    ] as const;
    sheet.addConditionalFormatting({
      ref: `${letter}${firstRow}:${letter}${firstRow + rows - 1}`,
      rules: [{ type: "dataBar", priority: index + 1, cfvo: [...cfvo], color: { argb: colours[status] } }],
    });
  }
}
