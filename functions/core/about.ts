import type { Day, Moment } from "./calendar.ts";
import type { Cell } from "./cell.ts";
import type { Result } from "./export.ts";
import type { Locale } from "./locale.ts";

/** What a report tells about itself. The moments are those of the first request and the last. */
export type About = Pick<Result, "offers" | "rows" | "pages" | "requests" | "completeness" | "remarks"> & {
  asOf: Day;
  zone: string;
  startedAt: Moment;
  finishedAt: Moment;
};

export type Line = { label: string; cell: Cell };

/** The report about itself, for who reads it without its export: how it was made and how far it can be trusted. */
export function describeAbout(about: About, { about: words }: Locale): Line[] {
  const { labels, verdicts, assumptions, noRemarks } = words;
  const remarks = about.remarks.length === 0 ? [noRemarks] : about.remarks;
  return [
    { label: labels.asOf, cell: { type: "day", day: about.asOf } },
    { label: labels.zone, cell: textOf(words.describeZone(about.zone)) },
    { label: labels.startedAt, cell: { type: "moment", moment: about.startedAt } },
    { label: labels.finishedAt, cell: { type: "moment", moment: about.finishedAt } },
    { label: labels.offers, cell: integerOf(about.offers) },
    { label: labels.rows, cell: integerOf(about.rows) },
    { label: labels.pages, cell: integerOf(about.pages) },
    { label: labels.requests, cell: integerOf(about.requests) },
    { label: labels.completeness, cell: textOf(verdicts[about.completeness]) },
    { label: labels.promise, cell: textOf(words.promise) },
    ...assumptions.map((assumption) => ({ label: labels.assumption, cell: textOf(assumption) })),
    ...remarks.map((remark) => ({ label: labels.remark, cell: textOf(remark) })),
  ];
}

function textOf(text: string): Cell {
  return { type: "text", text };
}

function integerOf(integer: number): Cell {
  return { type: "integer", integer };
}
