import { showsEvidence } from "../../core/options/column-order.ts";
import type { RequestOptions } from "../client/api-client.ts";
import type { PageLocale } from "../words/page-format.ts";

/** Steps that show how to use a permanent link. */
type Guide = { title: string; steps: string[] };

/** Lists the guides for a permanent link to a file with these options: as a bookmark, in Excel, in Google Sheets. */
export function listGuides(
  { format = "xlsx", dialect = "excel" }: RequestOptions,
  { words }: Pick<PageLocale, "words">,
): Guide[] {
  const { bookmark, excel, sheets } = words.shares.guides;
  const [find, paste, later] = excel.steps;
  const load = format === "xlsx" ? excel.loadSheet : excel.loadRows;
  const isForSheets = format === "csv" && dialect === "machine";
  const other = format === "xlsx" ? sheets.otherForWorkbook : sheets.otherForExcel;
  return [
    bookmark,
    { title: excel.title, steps: [find, paste, load, later] },
    {
      title: sheets.title,
      steps: isForSheets
        ? [sheets.formula, sheets.refreshes]
        : [other, sheets.otherFormula, sheets.refreshes],
    },
  ];
}

/** Describes what a permanent link gives, and warns of personal data, which anybody with the link can see. */
export function describeShare(
  { asOf, evidence = false, columns }: RequestOptions,
  { words: { shares: words }, format }: PageLocale,
): { intro: string; warning: string | null } {
  const gives = asOf === undefined ? words.givesNewest : words.givesFixed(format.day(asOf));
  return {
    intro: `${gives} ${words.intro}`,
    warning: showsEvidence({ dialect: null, evidence, columns: columns ?? null }) ? words.evidence : null,
  };
}
