import { Writable } from "node:stream";
import { writeCsv } from "../../functions/adapters/spreadsheet/csv-writer.ts";
import { writeXlsx } from "../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import type { RowBatches } from "../../functions/adapters/spreadsheet/output-stream.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import { buildClosingSheets } from "../../test/support/report-fixtures.ts";
import { layout, makeRows } from "./bench-data.ts";
import { writeCsvFloor, writeXlsxFloor } from "./floor-writer.ts";
import { writeExceljs, writeHucre } from "./library-writers.ts";

type Write = (batches: RowBatches, sink: Writable) => Promise<void>;

const closing = () => buildClosingSheets();

const writers: Record<string, Write> = {
  xlsx: (batches, sink) => writeXlsx(batches, sink, { ...layout, closing }),
  exceljs: (batches, sink) => writeExceljs(batches, sink, layout),
  hucre: (batches, sink) => writeHucre(batches, sink, layout),
  xlsxFloor: (batches, sink) => writeXlsxFloor(batches, sink, layout),
  csv: (batches, sink) => writeCsv(batches, sink, { ...layout, dialect: "excel" }),
  csvFloor: (batches, sink) => writeCsvFloor(batches, sink, layout),
};

/** Runs one writer into a sink that only counts bytes. Usage: `writer-process.ts <writer> <rows>`. */
const [name = "", count = ""] = process.argv.slice(2);
const write = writers[name];
if (write === undefined) throw new Error(`no such writer: ${name}`);
const rows = makeRows(Number(count));

async function* stream(): AsyncGenerator<Iterable<Row>> {
  yield rows;
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
