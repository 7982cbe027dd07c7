import type { Changes, NoChanges } from "../changes/change-kinds.ts";
import type { Result } from "../export/export-state.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import type { Options } from "../options/options.ts";
import type { Column } from "../report/columns.ts";
import type { Selection } from "../report/report-row.ts";
import type { Manifest } from "../snapshot/snapshot-manifest.ts";
import type { About } from "./about-sheet.ts";
import { describeChanges } from "./changes-sheet.ts";
import { describeFollowUp } from "./follow-up-sheet.ts";
import { describeFilter } from "./report-wording.ts";
import type { Page } from "./sheet-table.ts";
import { describeSummary } from "./summary-sheet.ts";

/** What stands in the sheets that are written after the rows. */
export type Closing = { summary: Page; followUp: Page; changes: Page | null; about: About };

export type ClosingFacts = {
  result: Omit<Result, "file" | "figures" | "changes" | "rowsSha256">;
  figures: Figures;
  changes: Changes | NoChanges;
  rowsSha256: string;
  /** With the offers that they concern. */
  remarks: string[];
  manifest: Pick<Manifest, "startedAt" | "finishedAt">;
  options: Options;
  selection: Selection;
  columns: Column[];
};

export function describeClosing(facts: ClosingFacts, locale: Locale): Closing {
  const { result, figures, changes, rowsSha256, remarks, manifest, options, columns } = facts;
  const { asOf, calendar } = facts.selection;
  const about: About = {
    ...result,
    asOf,
    zone: calendar.zone,
    selection: describeFilter(options, locale),
    startedAt: Date.parse(manifest.startedAt),
    finishedAt: Date.parse(manifest.finishedAt),
    remarks,
    compared: typeof changes === "string" ? changes : changes.since,
    rowsSha256,
    columns: columns.map(({ name }) => name),
  };
  return {
    summary: describeSummary(figures, about, locale),
    followUp: describeFollowUp(figures, about, locale),
    changes: typeof changes === "string" ? null : describeChanges(changes, about, locale),
    about,
  };
}
