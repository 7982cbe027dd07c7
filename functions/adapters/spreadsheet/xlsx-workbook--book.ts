import type { Writable } from "node:stream";
import WorkbookWriter from "exceljs/lib/stream/xlsx/workbook-writer.js";

/** Level 3 was chosen by measuring: docs/design.md. Rows are made while what waits here is deflated. */
export const deflateOptions = {
  level: 3,
  highWaterMark: 65_536,
  chunkSize: 65_536,
};

/** archiver's own buffers are 1 MB each. */
const zip = { highWaterMark: 65_536, zlib: deflateOptions };
const author = "offer-export";

/** A workbook that is written as it grows. Where its zip fails, the sink is destroyed with that error. */
export function openWorkbook(sink: Writable): WorkbookWriter {
  const options = { creator: author, lastModifiedBy: author, useStyles: true, useSharedStrings: false, zip };
  const book = new WorkbookWriter({ ...options, stream: sink });
  book.zip.on("error", (error: Error) => sink.destroy(error));
  return book;
}
