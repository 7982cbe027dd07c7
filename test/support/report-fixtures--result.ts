import type { ExportResult } from "../../functions/core/export/export-state.ts";

/** Of an export of nothing, just now. */
export function makeResult(given: Partial<ExportResult> = {}): ExportResult {
  return {
    offers: 0,
    rows: 0,
    pages: 1,
    requests: 1,
    method: "full",
    requestsSaved: 0,
    read: [],
    snapshotAt: new Date().toISOString(),
    completeness: "complete",
    remarks: [],
    totals: {},
    statuses: { open: 0, accepted: 0, rejected: 0, expired: 0 },
    figures: null,
    changes: null,
    rowsSha256: null,
    file: { name: "offers.xlsx", bytes: 1, sha256: "" },
    ...given,
  };
}
