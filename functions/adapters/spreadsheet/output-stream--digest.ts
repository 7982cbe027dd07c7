import { createHash } from "node:crypto";
import type { Calendar } from "../../core/basics/calendar.ts";
import { formatDigestLine } from "../../core/report/report-row--digest.ts";
import type { Row } from "../../core/report/report-row.ts";

/** The SHA-256 of rows that go by. */
export type RowDigest = { addRow: (row: Row) => void; finish: () => string };

/** A hash takes many lines at once faster. */
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
