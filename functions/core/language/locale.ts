import { type Language, languageTags } from "../basics/languages.ts";
import type { ChangeKind, Changes, NoChangesReason } from "../changes/change-kinds.ts";
import type { Anomaly, Note } from "../crawl/crawl-state.ts";
import type { LookupTrouble } from "../customer/customer.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { AgeBand } from "../figures/distributions.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Remark } from "../offer/offer.ts";
import type { Options } from "../options/options.ts";
import type { ColumnName } from "../report/columns.ts";
import { maxCellUnits } from "../report/spreadsheet-limits.ts";

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
  mail: MailWords;
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

/** Writes the longest length of a cell's text as the language writes numbers. */
export function formatMaxCellLength(language: Language): string {
  return new Intl.NumberFormat(languageTags[language]).format(maxCellUnits);
}

/** The words of the sheet that sums the report up. */
export type SummaryWords = {
  sheetName: string;
  title: string;
  verdicts: Record<ExportResult["completeness"], string>;
  byStatus: string;
  count: string;
  countShare: string;
  value: string;
  valueShare: string;
  total: string;
  otherCurrencies: string;
  currency: string;
  noCurrency: string;
  decisions: string;
  conversionByCount: string;
  conversionByValue: string;
  medianDays: string;
  meanDays: string;
  decided: string;
  conversionFormula: string;
  ageing: string;
  age: string;
  ages: Record<AgeBand, string>;
  customers: string;
  customer: string;
  unknownCustomer: string;
  noOpenOffers: string;
  monthlyCounts: string;
  monthlyValues: string;
  month: string;
  outside: Record<"earlier" | "later" | "unknown", string>;
  describeCurrency: (currency: string) => string;
  describeUnvalued: (offers: number) => string;
};

/** Remarks on the names of customers. */
export type NameWords = {
  troubles: Record<LookupTrouble, string>;
  describeUnknown: (customers: number) => string;
  describeNameless: (customers: number) => string;
};

/** The words that say which offers stand in the report. */
export type FilterWords = {
  all: string;
  describeStatuses: (names: string[]) => string;
  issuedFrom: (day: string) => string;
  issuedTo: (day: string) => string;
  issuedBetween: (from: string, to: string) => string;
};

/** The words of the sheet of offers to act on. */
export type FollowUpWords = {
  sheetName: string;
  title: string;
  expiring: string;
  expired: string;
  /** A number format. */
  offersPattern: string;
  daysLeft: string;
  daysSince: string;
  unknownAmount: string;
  none: string;
  cut: (shown: number, offers: number) => string;
  otherCurrencies: (currency: string) => string;
};

/** The words of the sheet of what happened since an earlier report. */
export type ChangeWords = {
  sheetName: string;
  title: string;
  asOfBefore: string;
  readBefore: string;
  uncertain: string;
  totals: string;
  what: string;
  kinds: Record<ChangeKind, string>;
  was: (heading: string) => string;
  is: (heading: string) => string;
  difference: string;
  /** What is counted, and what the values are. */
  rules: readonly string[];
  /** On the sheet about the report. */
  describeSince: (asOf: string, completeness: Changes["since"]["completeness"]) => string;
  none: Record<NoChangesReason, string>;
};

/** The words of the sheet that tells about the report. */
export type AboutWords = {
  sheetName: string;
  labels: Record<AboutLabel, string>;
  describeZone: (zone: string) => string;
  /** How the portal was read. */
  methods: Record<ExportResult["method"], string>;
  /** Of offers that were read on that day, or from it to another. */
  describeReading: (from: string, to: string | null) => string;
  verdicts: Record<ExportResult["completeness"], string>;
  /** What a complete report holds, and what that rests on. */
  promise: string;
  assumptions: readonly string[];
  noRemarks: string;
  /** Behind a kind of remark: the offers that it concerns, and how many more there are. */
  nameOffers: (named: string[], more: number) => string;
  hashed: string;
  statusRules: Record<Status, string>;
  asOfRule: string;
  meanings: Record<ColumnName, string>;
};

/** The words of the mail that tells of a report. Numbers and sums are given as they are written. */
export type MailWords = {
  /** The offers of some days of issue, or of all days. */
  offersOf: (days: string) => string;
  allOffers: (asOf: string) => string;
  quarter: (number: number, year: string) => string;
  from: (day: string) => string;
  to: (day: string) => string;
  between: (from: string, to: string) => string;
  countOffers: (offers: number, written: string) => string;
  noOffers: string;
  /** In the subject, of a report that may lack offers. */
  uncertain: string;
  ready: (offers: string) => string;
  countAndSum: (offers: number, counted: string, sums: string) => string;
  uncertainVerdict: string;
  download: Record<Options["format"], string>;
  worksUntil: (moment: string) => string;
  bearer: string;
  evidence: string;
  expiring: string;
  describeExpiring: (offers: number, worth: string) => string;
  noneExpiring: string;
  customerAndNumber: string;
  validThrough: (day: string) => string;
  /** Below a list of offers or of remarks: how many do not stand in it. */
  moreOffers: (more: number, written: string) => string;
  moreRemarks: (more: number) => string;
  /** At the end of a list of sums. */
  moreCurrencies: (more: number) => string;
  comparedWith: (asOf: string, readUntil: string) => string;
  unchanged: string;
  noDecisions: string;
  describeTimes: (zone: string) => string;
  scheduled: (schedule: string) => string;
};

type AboutLabel =
  | "asOf"
  | "zone"
  | "selection"
  | "startedAt"
  | "finishedAt"
  | "offers"
  | "rows"
  | "pages"
  | "method"
  | "requestsSaved"
  | "requests"
  | "completeness"
  | "promise"
  | "assumption"
  | "remark"
  | "changes"
  | "rowsSha256"
  | "hashed"
  | "version"
  | "statuses"
  | "columns";
