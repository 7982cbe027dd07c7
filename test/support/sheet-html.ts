import { formatValue, readXlsx, type Sheet, toHtml } from "hucre";

/** Renders a sheet as HTML, with formatted values, fills and column widths. */
export async function renderSheet(workbook: Buffer, name: string): Promise<string> {
  const { sheets } = await readXlsx(workbook, { readStyles: true });
  const sheet = sheets.find((one) => one.name === name);
  if (sheet === undefined) throw new Error(`the workbook has no sheet ${name}`);
  const table = toHtml(applyFormats(sheet), { styles: true, hasHeaderRow: true });
  return `<!doctype html><style>${look}${setWidths(sheet)}</style>${table}`;
}

function applyFormats(sheet: Sheet): Sheet {
  const cells = new Map(sheet.cells);
  const rows = sheet.rows.map((row, y) =>
    row.map((value, x) => {
      if (value === null || typeof value === "string") return value;
      const cell = cells.get(`${y},${x}`);
      const style = { ...cell?.style, alignment: { horizontal: "right" } as const };
      cells.set(`${y},${x}`, { ...cell, value, type: "string", style });
      return formatValue(value, style.numFmt ?? "General", { locale: "nl-NL" });
    }),
  );
  return { ...sheet, cells, rows };
}

const look = `
  body { margin: 0; background: #fff; color: #000 }
  table { border-collapse: collapse; table-layout: fixed; width: max-content; font: 14px Calibri, Carlito, sans-serif }
  th, td { box-sizing: border-box; padding: 1px 4px; border: 1px solid #e1e1e1; overflow: hidden; white-space: nowrap; text-align: left }`;

/** Sets the columns' widths. A width is a number of digits, and a digit is 7 pixels wide in the workbook's font. */
function setWidths({ columns = [] }: Sheet): string {
  return columns.map(({ width = 9 }, x) => `th:nth-child(${x + 1}) { width: ${width * 7 + 5}px }`).join(" ");
}
