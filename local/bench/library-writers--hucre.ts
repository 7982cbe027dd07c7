import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { writeXlsxStream } from "hucre/xlsx";
import type { Row } from "../../functions/core/report/report-row.ts";
import { findFormat, type Layout, readValues } from "./library-writers.ts";

/** Its constant-memory stream. It deflates with the platform's CompressionStream, whose level cannot be chosen. */
export async function writeHucre(rows: AsyncIterable<Row>, sink: Writable, layout: Layout) {
  const { columns, locale } = layout;
  const options = {
    name: locale.sheetName,
    freezePane: { rows: 1 },
    columns: columns.map((column) => {
      const defined = { header: locale.headings[column.name], width: 20 };
      const numFmt = findFormat(column, locale);
      return numFmt === undefined ? defined : Object.assign(defined, { numFmt });
    }),
  };
  async function* list() {
    for await (const row of rows) yield readValues(row, layout);
  }
  await pipeline(Readable.fromWeb(writeXlsxStream(list(), options)), sink);
}
