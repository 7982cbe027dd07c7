import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Calendar } from "../../core/basics/calendar.ts";
import { formatDigestLine, type Row } from "../../core/report/report-row.ts";

/**
 * Calls `fill` to write to the sink, and resolves when the sink has finished. Rejects as soon as the sink fails or is
 * destroyed, even while `fill` still waits. If `fill` rejects, the sink is destroyed with the same error.
 */
export async function fillSink(sink: Writable, fill: (failed: AbortSignal) => Promise<void>): Promise<void> {
  const failed = new AbortController();
  const done = finished(sink, { readable: false });
  done.catch((error: unknown) => failed.abort(error));
  try {
    await Promise.all([fill(failed.signal), done]);
  } catch (error) {
    if (failed.signal.aborted) throw failed.signal.reason;
    sink.destroy(error instanceof Error ? error : new Error("writing failed", { cause: error }));
    throw error;
  }
}

/** The rows of a file, in batches. A writer may wait before it takes the next row of a batch. */
export type RowBatches = AsyncIterable<Iterable<Row>>;

/** Waits until the stream accepts more data. */
export async function drainSink(stream: Writable, failed: AbortSignal): Promise<void> {
  if (stream.writableNeedDrain) await once(stream, "drain", { signal: failed });
}

/** Computes the SHA-256 of a report's rows. `formatDigestLine` describes what is hashed. */
export type RowDigest = { addRow: (row: Row) => void; finish: () => string };

/** The number of characters per update of the hash. One update for each row would be slower. */
const chunkUnits = 16_384;

export function openRowDigest(calendar: Calendar): RowDigest {
  const hash = createHash("sha256");
  let lines = "";

  function flush(): void {
    hash.update(lines, "utf8");
    lines = "";
  }

  return {
    addRow(row) {
      lines += formatDigestLine(row, calendar);
      if (lines.length >= chunkUnits) flush();
    },
    finish() {
      flush();
      return hash.digest("hex");
    },
  };
}
