import { cell, head, inks, total } from "./mail-styles.ts";
import type { Grid, GridRow } from "./mail-message.ts";
import { type Html, tag } from "./mail-styles--tag.ts";

/** A table of data, for who hears it too: each cell has a heading of its row, and of its column if there are any. */
export function writeGrid({ columns, rows }: Grid): Html {
  const heads = columns.map(({ heading, isNumber }, index) =>
    tag("th", { scope: "col", style: `${head}${align(isNumber, index === columns.length - 1)}` }, heading),
  );
  const isNumber = columns.map((column) => column.isNumber);
  return tag(
    "table",
    { width: "100%", cellpadding: "0", cellspacing: "0", border: "0" },
    heads.length === 0 ? null : tag("thead", {}, tag("tr", {}, ...heads)),
    tag("tbody", {}, ...rows.map((row) => writeRow(row, isNumber))),
  );
}

function writeRow({ cells, status, isTotal = false }: GridRow, isNumber: boolean[]): Html {
  const mark = status === undefined ? "" : `;border-left:4px solid ${inks[status]};padding-left:8px`;
  return tag(
    "tr",
    {},
    ...cells.map((lines, index) => {
      const isLast = index === cells.length - 1;
      const style = `${isTotal ? total : cell}${align(isNumber[index] ?? false, isLast)}`;
      if (index > 0) return tag("td", { style }, ...writeLines(lines));
      const label = { scope: "row", style: `${style};overflow-wrap:anywhere${mark}` };
      return tag("th", isNumber.length === 0 ? { ...label, width: "40%" } : label, ...writeLines(lines));
    }),
  );
}

function align(isNumber: boolean, isLast: boolean): string {
  return `${isNumber ? ";text-align:right" : ""}${isLast ? ";padding-right:0" : ""}`;
}

function writeLines(lines: string[]): (Html | string)[] {
  return lines.flatMap((line, index) => (index === 0 ? [line] : [tag("br", {}), line]));
}
