import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { writeXlsxStream } from "hucre/xlsx";
import type { Row } from "../../../functions/core/row.ts";
import { findFormat, type Layout, readValues } from "./values.ts";

/** Its constant-memory stream. It deflates with the platform's CompressionStream, whose level cannot be chosen. */
export async function writeHucre(rows: AsyncIterable<Row>, sink: Writable, layout: Layout) {
  const { columns, locale } = layout;
  const options = {
    name: locale.sheetName,
    freezePane: { rows: 1 },
    columns: columns.map((column) => {
      const numFmt = findFormat(column, locale);
      const style = numFmt === undefined ? {} : { numFmt };
      return { header: locale.headings[column.name], width: 20, style };
    }),
  };
  async function* list() {
    for await (const row of rows) yield readValues(row, layout);
  }
  await pipeline(Readable.fromWeb(writeXlsxStream(list(), options)), sink);
}
