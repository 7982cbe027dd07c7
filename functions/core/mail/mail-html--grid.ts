import { cellStyle, headStyle, statusColours, totalStyle } from "./mail-styles.ts";
import type { MailTable, MailTableRow } from "./mail-message.ts";
import { type Html, htmlElement } from "./mail-styles--tag.ts";

/** A table of data, for who hears it too: each cell has a heading of its row, and of its column if there are any. */
export function writeMailTable({ columns, rows }: MailTable): Html {
  const heads = columns.map(({ heading, isNumber }, index) =>
    htmlElement("th", { scope: "col", style: `${headStyle}${align(isNumber, index === columns.length - 1)}` }, heading),
  );
  const isNumber = columns.map((column) => column.isNumber);
  return htmlElement(
    "table",
    { width: "100%", cellpadding: "0", cellspacing: "0", border: "0" },
    heads.length === 0 ? null : htmlElement("thead", {}, htmlElement("tr", {}, ...heads)),
    htmlElement("tbody", {}, ...rows.map((row) => writeRow(row, isNumber))),
  );
}

function writeRow({ cells, status, isTotal = false }: MailTableRow, isNumber: boolean[]): Html {
  const mark = status === undefined ? "" : `;border-left:4px solid ${statusColours[status]};padding-left:8px`;
  return htmlElement(
    "tr",
    {},
    ...cells.map((lines, index) => {
      const isLast = index === cells.length - 1;
      const style = `${isTotal ? totalStyle : cellStyle}${align(isNumber[index] ?? false, isLast)}`;
      if (index > 0) return htmlElement("td", { style }, ...writeLines(lines));
      const label = { scope: "row", style: `${style};overflow-wrap:anywhere${mark}` };
      return htmlElement("th", isNumber.length === 0 ? { ...label, width: "40%" } : label, ...writeLines(lines));
    }),
  );
}

function align(isNumber: boolean, isLast: boolean): string {
  return `${isNumber ? ";text-align:right" : ""}${isLast ? ";padding-right:0" : ""}`;
}

function writeLines(lines: string[]): (Html | string)[] {
  return lines.flatMap((line, index) => (index === 0 ? [line] : [htmlElement("br", {}), line]));
}
