import { Writable } from "node:stream";
import type { Row } from "../../functions/core/offer/row.ts";
import { writeCsv } from "../../functions/io/file/csv.ts";
import { writeXlsx } from "../../functions/io/file/xlsx.ts";
import { buildClosing } from "../../test/support/closing.ts";
import { layout, makeRows } from "./rows.ts";
import { writeExceljs } from "./writer/exceljs.ts";
import { writeFloor } from "./writer/floor.ts";
import { writeHucre } from "./writer/hucre.ts";
import { writePlain } from "./writer/plain.ts";

type Write = (rows: AsyncIterable<Row>, sink: Writable) => Promise<void>;

const closing = () => buildClosing();

const writers: Record<string, Write> = {
  xlsx: (rows, sink) => writeXlsx(rows, sink, { ...layout, closing }),
  exceljs: (rows, sink) => writeExceljs(rows, sink, layout),
  hucre: (rows, sink) => writeHucre(rows, sink, layout),
  floor: (rows, sink) => writeFloor(rows, sink, layout),
  csv: (rows, sink) => writeCsv(rows, sink, { ...layout, dialect: "excel" }),
  plain: (rows, sink) => writePlain(rows, sink, layout),
};

/** One writer in a process of its own, to a sink that only counts: `write.ts <writer> <rows>`. */
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
