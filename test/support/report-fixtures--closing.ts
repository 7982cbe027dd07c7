import type { Language } from "../../functions/core/basics/languages.ts";
import { locales } from "../../functions/core/language/locales--locales.ts";
import type { Row } from "../../functions/core/report/report-row.ts";
import type { AboutFacts } from "../../functions/core/sheets/about-sheet.ts";
import type { ClosingSheets } from "../../functions/core/sheets/closing-sheets.ts";
import { describeFollowUpSheet } from "../../functions/core/sheets/follow-up-sheet.ts";
import { describeSummarySheet } from "../../functions/core/sheets/summary-sheet.ts";
import { buildAbout } from "./report-fixtures--about.ts";
import { figuresOf } from "./report-fixtures--figures.ts";

type Given = { language?: Language; about?: Partial<AboutFacts>; rows?: Row[]; asOf?: string };

/** The sheets behind a report of those rows, of none where they do not matter. */
export function buildClosing(given: Given = {}): ClosingSheets {
  const { language = "nl", rows = [], asOf = "2024-10-04" } = given;
  const about = buildAbout(given.about);
  const locale = locales[language];
  const figures = figuresOf(rows, asOf);
  return {
    summary: describeSummarySheet(figures, about, locale),
    followUp: describeFollowUpSheet(figures, about, locale),
    changes: null,
    about,
  };
}
