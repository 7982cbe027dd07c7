import type { ColumnName } from "./column.ts";
import type { Doubt } from "./crawl.ts";
import type { Result } from "./export.ts";
import type { Remark } from "./remark.ts";
import type { Status } from "./status.ts";

export const languages = ["nl", "en"] as const;
export type Language = (typeof languages)[number];

/** The words of one language, and how its Excel writes numbers and dates. */
export type Locale = {
  language: Language;
  /** The start of a report's file name, plain ASCII. */
  fileName: string;
  sheetName: string;
  headings: Record<ColumnName, string>;
  statuses: Record<Status, string>;
  yes: string;
  no: string;
  /** Date patterns in the letters of a spreadsheet's number format. */
  dayPattern: string;
  momentPattern: string;
  decimalMark: "," | ".";
  delimiter: ";" | ",";
  describeRemark: (remark: Remark) => string;
  /** Sums up a kind of remark over the whole report. */
  countRemarks: (code: Remark["code"], count: number) => string;
  /** On a report as of a day in the past. */
  pastState: string;
  /** Why a report may lack offers. */
  doubts: Record<Doubt, string>;
  about: AboutWords;
};

/** The words of the sheet that tells about the report. */
type AboutWords = {
  sheetName: string;
  labels: Record<AboutLabel, string>;
  describeZone: (zone: string) => string;
  verdicts: Record<Result["completeness"], string>;
  /** What a complete report holds, and what that rests on. */
  promise: string;
  assumptions: readonly string[];
  noRemarks: string;
};

type AboutLabel =
  | "asOf"
  | "zone"
  | "startedAt"
  | "finishedAt"
  | "offers"
  | "rows"
  | "pages"
  | "requests"
  | "completeness"
  | "promise"
  | "assumption"
  | "remark";

/** The remarks on one offer as its cell holds them. */
export function describeRemarks(remarks: Remark[], locale: Locale): string | null {
  return remarks.length === 0 ? null : remarks.map(locale.describeRemark).join("; ");
}
