import { Writable } from "node:stream";
import { writeCsv } from "../../functions/adapters/spreadsheet/csv-writer.ts";
import { writeXlsx } from "../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import { buildClosingSheets } from "../../test/support/report-fixtures.ts";
import { layout, makeRows } from "./bench-data.ts";
import { writeCsvFloor, writeXlsxFloor } from "./floor-writer.ts";
import { writeExceljs, writeHucre } from "./library-writers.ts";

type Write = (rows: AsyncIterable<Row>, sink: Writable) => Promise<void>;

const closing = () => buildClosingSheets();

const writers: Record<string, Write> = {
  xlsx: (rows, sink) => writeXlsx(rows, sink, { ...layout, closing }),
  exceljs: (rows, sink) => writeExceljs(rows, sink, layout),
  hucre: (rows, sink) => writeHucre(rows, sink, layout),
  xlsxFloor: (rows, sink) => writeXlsxFloor(rows, sink, layout),
  csv: (rows, sink) => writeCsv(rows, sink, { ...layout, dialect: "excel" }),
  csvFloor: (rows, sink) => writeCsvFloor(rows, sink, layout),
};

/** Runs one writer into a sink that only counts bytes. Usage: `writer-process.ts <writer> <rows>`. */
const [name = "", count = ""] = process.argv.slice(2);
const write = writers[name];
if (write === undefined) throw new Error(`no such writer: ${name}`);
const rows = makeRows(Number(count));

async function* stream(): AsyncGenerator<Row> {
  yield* rows;
}

let bytes = 0;
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    bytes += chunk.length;
    done();
  },
});
globalThis.gc?.();
const startMs = performance.now();
await write(stream(), sink);
const seconds = (performance.now() - startMs) / 1000;
process.stdout.write(JSON.stringify({ seconds, bytes }));
