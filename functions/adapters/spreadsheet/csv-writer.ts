import type { Writable } from "node:stream";
import Papa from "papaparse";
import type { Calendar } from "../../core/basics/calendar.ts";
import type { Locale } from "../../core/language/locale.ts";
import { type Column, readCell } from "../../core/report/columns.ts";
import { replaceUnwritable } from "../../core/report/report-row.ts";
import { csvDialects } from "../../core/sheets/csv-dialect.ts";
import { drainSink, fillSink, type RowBatches } from "./output-stream.ts";

type Layout = { columns: Column[]; locale: Locale; calendar: Calendar; dialect: keyof typeof csvDialects };

/**
 * The number of rows per write. Writing single rows would be a quarter slower. Writing more than some hundred rows at
 * once would not be faster, but would use more memory.
 */
const chunkRows = 100;
const newline = "\r\n";

/** Writes the rows as CSV, and resolves when the sink has finished. Reads no further rows while the sink is full. */
export async function writeCsv(batches: RowBatches, sink: Writable, layout: Layout): Promise<void> {
  const { columns } = layout;
  const { byteOrderMark, delimiter, formatHeading, formatCell } = csvDialects[layout.dialect](layout);
  // Many readers skip a line without characters, so an empty cell is quoted when it has no neighbours.
  const isAlone = columns.length === 1;
  const quotes = isAlone && ((text: string) => text === "");
  // papaparse handles null faster than an empty text, but never quotes it.
  const emptyCell = isAlone ? "" : null;

  function formatLines(lines: (string | null)[][]): string {
    if (lines.length === 0) return "";
    const text = Papa.unparse(lines, { delimiter, newline, quotes });
    return `${replaceUnwritable(text)}${newline}`;
  }

  await fillSink(sink, async (failed) => {
    let lines: (string | null)[][] = [];
    sink.write(byteOrderMark + formatLines([columns.map(formatHeading)]));
    for await (const rows of batches) {
      for (const row of rows) {
        failed.throwIfAborted();
        lines.push(columns.map((column) => formatCell(readCell(row, column)) || emptyCell));
        if (lines.length < chunkRows) continue;
        sink.write(formatLines(lines));
        lines = [];
        await drainSink(sink, failed);
      }
    }
    sink.end(formatLines(lines));
  });
}
