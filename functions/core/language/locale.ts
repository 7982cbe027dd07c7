import { type Language, languageTags } from "../basics/languages.ts";
import type { ChangeKind, Changes, NoChangesReason } from "../changes/change-kinds.ts";
import type { Anomaly, Note } from "../crawl/crawl-state.ts";
import type { LookupTrouble } from "../customer/customer.ts";
import type { ExportResult, MailWhen } from "../export/export-state.ts";
import type { AgeBand } from "../figures/distributions.ts";
import type { Status } from "../offer/offer-status.ts";
import type { Remark } from "../offer/offer.ts";
import type { ColumnName } from "../options/column-order.ts";
import type { Options } from "../options/export-options.ts";
import type { Scope } from "../options/offer-filter.ts";
import { maxCellUnits } from "../report/spreadsheet-limits.ts";

/** The texts of one language, and the formats of numbers and dates that Excel uses in that language. */
export type Locale = {
  language: Language;
  /** The words in a report's file name, in ASCII. */
  fileName: FileNameWords;
  sheetName: string;
  headings: Record<ColumnName, string>;
  /** The labels of an offer's fields that have no column, such as `acceptedAt`. Remarks use these labels. */
  fields: Record<string, string>;
  statuses: Record<Status, string>;
  yes: string;
  no: string;
  /** Date patterns, in the notation of a spreadsheet's number formats. */
  dayPattern: string;
  momentPattern: string;
  decimalMark: "," | ".";
  delimiter: ";" | ",";
  describeRemark: (remark: Remark) => string;
  /** Describes how many offers of the report have a kind of remark. */
  countRemarks: (code: Remark["code"], count: number) => string;
  /** The remark that a report gets when it is as of a day in the past. */
  pastState: string;
  /** Says how many offers the report leaves out, because they were created and issued after the report's day. */
  describeLater: (offers: number) => string;
  /** Reasons why a report may lack offers. */
  doubts: Record<Anomaly, string>;
  notes: Record<Note, string>;
  /** Reasons why a report may lack names of customers. */
  names: NameWords;
  /** The number format of a month. Its prefix, such as `[$-809]`, sets the language of the month's name. */
  monthPattern: string;
  /**
   * The footer of a printed page. `&P` is a spreadsheet's code for the page's number, and `&N` for the number of
   * pages.
   */
  pageNumber: string;
  filter: FilterWords;
  summary: SummaryWords;
  followUp: FollowUpWords;
  changes: ChangeWords;
  customers: CustomerWords;
  about: AboutWords;
  mail: MailWords;
};

/** Replaces the API's field names in remarks by the headings of the columns, which readers of the report know. */
export function nameFields(remarks: Remark[], { headings, fields }: Locale): Remark[] {
  const names = new Map(Object.entries({ ...headings, ...fields }));
  return remarks.map((remark) =>
    "field" in remark ? { ...remark, field: names.get(remark.field) ?? remark.field } : remark,
  );
}

/** Returns the text of a cell with the remarks on one offer; null when the offer has no remarks. */
export function describeRemarks(remarks: Remark[], locale: Locale): string | null {
  return remarks.length === 0 ? null : remarks.map(locale.describeRemark).join("; ");
}

/** Formats the number of characters that fit in a spreadsheet's cell, in the language's number format. */
export function formatMaxCellLength(language: Language): string {
  return new Intl.NumberFormat(languageTags[language]).format(maxCellUnits);
}

type FileNameWords = Record<"start" | "from" | "to" | "withoutNames" | "evidence" | "machine", string> & {
  countColumns: (columns: number) => string;
};

/** The texts of the summary sheet. */
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
  /** Says how many decisions `decided` leaves out, because their number of days is unknown. */
  describeUntimed: (decisions: number) => string;
  conversionFormula: string;
  /** The reasons why a conversion is not shown. */
  conversionNeeds: string;
  noneDecided: Record<Scope, string>;
  fewDecided: (accepted: number, decided: number) => string;
  ageing: string;
  age: string;
  ages: Record<AgeBand, string>;
  customers: string;
  customer: string;
  unknownCustomer: string;
  noOpenOffers: Record<Scope, string>;
  monthlyCounts: string;
  monthlyValues: string;
  month: string;
  outside: Record<"earlier" | "later" | "unknown", string>;
  /** Describes the chart of a table for readers who do not see the chart. `heading` is the table's. */
  describeChart: (heading: string) => string;
  describeCurrency: (currency: string) => string;
  describeUnvalued: (offers: number) => string;
  /** Says how many offers of a report of a period have no readable date. */
  describeUndated: (offers: number) => string;
};

/** The texts of remarks on customers' names. */
export type NameWords = {
  troubles: Record<LookupTrouble, string>;
  describeUnknown: (customers: number) => string;
  describeNameless: (customers: number) => string;
};

/** The texts that say which offers the report includes. */
export type FilterWords = {
  all: string;
  describeStatuses: (names: string[]) => string;
  issuedFrom: (day: string) => string;
  issuedTo: (day: string) => string;
  issuedBetween: (from: string, to: string) => string;
  /** Says that the report leaves out the offers of a status, in place of figures about them. */
  leftOut: Record<"open" | "expired", string>;
};

/** The texts of the follow-up sheet. */
export type FollowUpWords = {
  sheetName: string;
  title: string;
  expiring: string;
  expired: string;
  /** A spreadsheet's number format for a number of offers. */
  offersPattern: string;
  daysLeft: string;
  daysSince: string;
  unknownAmount: string;
  none: Record<Scope, string>;
  cut: (shown: number, offers: number) => string;
  otherCurrencies: (currency: string) => string;
};

/** The texts of the changes sheet. */
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
  /** Sentences that explain the counts and the values of the changes. */
  rules: readonly string[];
  /** Says, on the about sheet, with which earlier report the report was compared. */
  describeSince: (asOf: string, completeness: Changes["since"]["completeness"]) => string;
  none: Record<NoChangesReason, string>;
};

/** The texts of the customers sheet. */
export type CustomerWords = {
  sheetName: string;
  title: string;
  customers: string;
  /** The headings of the columns with the number and the value of the offers of a status, or of all offers. */
  countOf: (status: string) => string;
  valueOf: (status: string) => string;
  all: string;
  lastOffer: string;
  rest: (customers: number) => string;
  cut: (shown: number, customers: number) => string;
  /** The same as `cut`, for a report that leaves out the open offers by whose value customers are ranked. */
  cutByOffers: (shown: number, customers: number) => string;
  /** Says from how many offers on a customer has a conversion. */
  conversionMinimum: string;
};

/** The texts of the about sheet. */
export type AboutWords = {
  sheetName: string;
  labels: Record<AboutLabel, string>;
  describeZone: (zone: string) => string;
  /** Says whether a crawl or a refresh has read the portal, between the two moments that the sheet shows above. */
  methods: Record<ExportResult["method"], string>;
  /** Says that reading the portal had ended before the report was requested. */
  reused: string;
  /**
   * Returns the label for the number of offers that were read from day `from` to day `to`; `to` is null for a single
   * day.
   */
  describeReading: (from: string, to: string | null) => string;
  verdicts: Record<ExportResult["completeness"], string>;
  /** Says what a complete report contains, under the conditions in `assumptions`. */
  promise: string;
  assumptions: readonly string[];
  noRemarks: string;
  /** Says what is known about VAT in the amounts. */
  vat: string;
  /**
   * Returns the text that follows a kind of remark: the numbers of the first offers with this remark, and the count
   * of further offers.
   */
  nameOffers: (named: string[], more: number) => string;
  hashed: string;
  statusRules: Record<Status, string>;
  asOfRule: string;
  meanings: Record<ColumnName, string>;
};

/** The texts of the mail about a report. */
export type MailWords = {
  /**
   * Names, in the mail's subject, a report on the offers issued in a period. `allOffers` names a report on offers of
   * every issue date.
   */
  offersOf: (days: string) => string;
  allOffers: (asOf: string) => string;
  quarter: (number: number, year: string) => string;
  from: (day: string) => string;
  to: (day: string) => string;
  between: (from: string, to: string) => string;
  countOffers: (offers: number, written: string) => string;
  noOffers: string;
  /** Marks, in the mail's subject, a report that may lack offers. */
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
  noneExpiring: Record<Scope, string>;
  /** Says of a sentence that it is about the report's selection. */
  inSelection: (text: string) => string;
  customerAndNumber: string;
  validThrough: (day: string) => string;
  /** The line below a shortened list of offers, which says how many more offers there are. */
  moreOffers: (more: number, written: string) => string;
  moreRemarks: (more: number) => string;
  /** The end of a shortened list of sums, which says how many more currencies there are. */
  moreCurrencies: (more: number) => string;
  comparedWith: (asOf: string, readUntil: string) => string;
  unchanged: Record<Scope, string>;
  describeTimes: (zone: string) => string;
  scheduled: (schedule: string) => string;
  /** Says, for each condition of a schedule's mails, when the next mail comes. */
  nextMail: Record<Exclude<MailWhen, "always">, Record<Scope, string>>;
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
  | "nameRequests"
  | "completeness"
  | "promise"
  | "assumption"
  | "remark"
  | "changes"
  | "vat"
  | "rowsSha256"
  | "hashed"
  | "version"
  | "statuses"
  | "columns";
