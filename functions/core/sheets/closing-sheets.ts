import type { Moment } from "../basics/calendar.ts";
import type { Changes, NoChangesReason } from "../changes/change-kinds.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { CustomerList } from "../figures/customer-figures.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import type { Options } from "../options/export-options.ts";
import type { Column } from "../report/columns.ts";
import type { Selection } from "../report/report-row.ts";
import type { SnapshotManifest } from "../snapshot/snapshot-manifest.ts";
import type { AboutFacts } from "./about-sheet.ts";
import { describeChangesSheet } from "./changes-sheet.ts";
import { describeCustomersSheet } from "./customers-sheet.ts";
import { describeFollowUpSheet } from "./follow-up-sheet.ts";
import { describeSelection } from "./report-wording.ts";
import type { SheetList, SheetPage } from "./sheet-table.ts";
import { describeSummarySheet } from "./summary-sheet.ts";

/** The contents of the sheets that are written after the rows. */
export type ClosingSheets = {
  summary: SheetPage;
  followUp: SheetPage;
  changes: SheetPage | null;
  customers: SheetList;
  about: AboutFacts;
};

export type ClosingFacts = {
  result: Omit<ExportResult, "file" | "figures" | "changes" | "notCompared" | "rowsSha256">;
  figures: Figures;
  changes: Changes | NoChangesReason;
  customers: CustomerList;
  rowsSha256: string;
  /** The remarks on the report. A remark that concerns offers includes the offer numbers of the first few offers. */
  remarks: string[];
  laterRemarks: string[];
  manifest: Pick<SnapshotManifest, "startedAt" | "finishedAt" | "requests">;
  /** The time at which the report was requested. */
  requestedAt: Moment;
  options: Options;
  selection: Selection;
  columns: Column[];
};

export function describeClosingSheets(facts: ClosingFacts, locale: Locale): ClosingSheets {
  const { result, figures, changes, rowsSha256, remarks, manifest, options, columns } = facts;
  const { asOf, calendar } = facts.selection;
  const about: AboutFacts = {
    ...result,
    asOf,
    zone: calendar.zone,
    selection: describeSelection(options, locale),
    startedAt: Date.parse(manifest.startedAt),
    finishedAt: Date.parse(manifest.finishedAt),
    isReused: Date.parse(manifest.finishedAt) < facts.requestedAt,
    nameRequests: result.requests - manifest.requests,
    remarks,
    compared: typeof changes === "string" ? changes : changes.since,
    rowsSha256,
    columns: columns.map(({ name }) => name),
  };
  return {
    summary: describeSummarySheet(figures, { ...about, options, laterRemarks: facts.laterRemarks }, locale),
    followUp: describeFollowUpSheet(figures, { ...about, options }, locale),
    changes: typeof changes === "string" ? null : describeChangesSheet(changes, about, locale),
    customers: describeCustomersSheet(facts.customers, figures, { ...about, options, locale }),
    about,
  };
}
