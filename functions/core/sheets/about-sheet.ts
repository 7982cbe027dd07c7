import type { Day, Moment } from "../basics/calendar.ts";
import type { Changes, NoChangesReason } from "../changes/change-kinds.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { Locale } from "../language/locale.ts";
import { statuses } from "../offer/offer-status.ts";
import type { ColumnName } from "../options/column-order.ts";
import type { Cell } from "../report/columns.ts";
import { version } from "../settings/setting-defaults.ts";
import { arrangeDate } from "./csv-dialect.ts";

type ResultField =
  "offers" | "rows" | "pages" | "requests" | "method" | "requestsSaved" | "read" | "completeness" | "remarks";

/**
 * The facts on the about sheet. `startedAt` and `finishedAt` are the times at which reading the portal began and
 * ended.
 */
export type AboutFacts = Pick<ExportResult, ResultField> & {
  asOf: Day;
  zone: string;
  /** Says which offers the report includes. */
  selection: string;
  startedAt: Moment;
  finishedAt: Moment;
  /** True when reading the portal had ended before this report was requested. */
  isReused: boolean;
  /** The number of requests for customers' names, which `requests` includes. They were made for this report alone. */
  nameRequests: number;
  /** The earlier report with which the report is compared, or the reason why there is none. */
  compared: Changes["since"] | NoChangesReason;
  rowsSha256: string;
  columns: ColumnName[];
};

/** A line of the about sheet. A line with an empty cell is a heading. */
export type AboutLine = { label: string; cell: Cell };

/**
 * Returns the lines of the about sheet: how the report was made, whether it is complete, and what its columns mean.
 */
export function describeAboutSheet(about: AboutFacts, locale: Locale): AboutLine[] {
  const { labels, verdicts, assumptions, noRemarks, ...words } = locale.about;
  const remarks = about.remarks.length === 0 ? [noRemarks] : about.remarks;
  return [
    { label: labels.asOf, cell: { type: "day", day: about.asOf } },
    { label: labels.zone, cell: textOf(words.describeZone(about.zone)) },
    { label: labels.selection, cell: textOf(about.selection) },
    { label: labels.startedAt, cell: { type: "moment", moment: about.startedAt } },
    { label: labels.finishedAt, cell: { type: "moment", moment: about.finishedAt } },
    { label: labels.offers, cell: integerOf(about.offers) },
    { label: labels.rows, cell: integerOf(about.rows) },
    { label: labels.pages, cell: integerOf(about.pages) },
    ...listRequests(about, locale),
    { label: labels.method, cell: textOf(describeMethod(about, locale)) },
    ...(about.method === "refresh" ? describeRefresh(about, locale) : []),
    { label: labels.completeness, cell: textOf(verdicts[about.completeness]) },
    { label: labels.promise, cell: textOf(words.promise) },
    ...assumptions.map((assumption) => ({ label: labels.assumption, cell: textOf(assumption) })),
    ...remarks.map((remark) => ({ label: labels.remark, cell: textOf(remark) })),
    { label: labels.changes, cell: textOf(describeComparison(about, locale)) },
    { label: labels.vat, cell: textOf(words.vat) },
    { label: labels.rowsSha256, cell: textOf(about.rowsSha256) },
    { label: labels.hashed, cell: textOf(words.hashed) },
    { label: labels.version, cell: textOf(`offer-export ${version}`) },
    { label: labels.statuses, cell: { type: "empty" } },
    { label: labels.asOf, cell: textOf(words.asOfRule) },
    ...statuses.map((status) => ({
      label: locale.statuses[status],
      cell: textOf(words.statusRules[status]),
    })),
    { label: labels.columns, cell: { type: "empty" } },
    ...about.columns.map((name) => ({ label: locale.headings[name], cell: textOf(words.meanings[name]) })),
  ];
}

function describeMethod({ method, isReused }: AboutFacts, { about: words }: Locale): string {
  return isReused ? `${words.methods[method]} ${words.reused}` : words.methods[method];
}

/** Tells the requests for offers, which other reports may share, from those for names, which this report alone made. */
function listRequests({ requests, nameRequests }: AboutFacts, { about: { labels } }: Locale): AboutLine[] {
  const forOffers = { label: labels.requests, cell: integerOf(requests - nameRequests) };
  if (nameRequests === 0) return [forOffers];
  return [forOffers, { label: labels.nameRequests, cell: integerOf(nameRequests) }];
}

function describeRefresh({ requestsSaved, read }: AboutFacts, locale: Locale): AboutLine[] {
  const { labels, describeReading } = locale.about;
  const arrange = (day: string) => arrangeDate(day, locale);
  return [
    { label: labels.requestsSaved, cell: integerOf(requestsSaved) },
    ...read.map(({ from, to, offers }) => ({
      label: describeReading(arrange(from), from === to ? null : arrange(to)),
      cell: integerOf(offers),
    })),
  ];
}

function describeComparison({ compared }: AboutFacts, locale: Locale): string {
  const { none, describeSince } = locale.changes;
  if (typeof compared === "string") return none[compared];
  return describeSince(arrangeDate(compared.asOf, locale), compared.completeness);
}

function textOf(text: string): Cell {
  return { type: "text", text };
}

function integerOf(integer: number): Cell {
  return { type: "integer", integer };
}
