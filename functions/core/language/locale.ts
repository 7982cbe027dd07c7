import type { Language } from "../basics/languages.ts";
import type { Anomaly, Note } from "../crawl/crawl-state.ts";
import type { Remark } from "../offer/offer--remark.ts";
import type { Status } from "../offer/offer-status.ts";
import type { ColumnName } from "../report/columns.ts";
import type { AboutWords, ChangeWords, FilterWords, FollowUpWords, MailWords, NameWords, SummaryWords } from "./locale--words.ts";

/** The words of one language, and how its Excel writes numbers and dates. */
export type Locale = {
  language: Language;
  /** The words of a report's file name, plain ASCII. */
  fileName: { start: string; from: string; to: string };
  sheetName: string;
  headings: Record<ColumnName, string>;
  /** What the portal gives under another name than a column's. */
  fields: Record<string, string>;
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
  /** How many offers a report leaves out because its day does not know them yet. */
  describeLater: (offers: number) => string;
  /** Why a report may lack offers. */
  doubts: Record<Anomaly, string>;
  notes: Record<Note, string>;
  /** Why a report may lack names. */
  names: NameWords;
  /** A month's pattern, with the language of its name. */
  monthPattern: string;
  /** At the foot of a printed page, in a spreadsheet's codes: `&P` of `&N`. */
  pageNumber: string;
  filter: FilterWords;
  summary: SummaryWords;
  followUp: FollowUpWords;
  changes: ChangeWords;
  about: AboutWords;
  letter: MailWords;
};

/** The remarks with the headings of the columns that they are on, for who does not know the API's names. */
export function nameFields(remarks: Remark[], { headings, fields }: Locale): Remark[] {
  const names = new Map(Object.entries({ ...headings, ...fields }));
  return remarks.map((remark) =>
    "field" in remark ? { ...remark, field: names.get(remark.field) ?? remark.field } : remark,
  );
}

/** The remarks on one offer as its cell holds them. */
export function describeRemarks(remarks: Remark[], locale: Locale): string | null {
  return remarks.length === 0 ? null : remarks.map(locale.describeRemark).join("; ");
}
