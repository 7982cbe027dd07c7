import type { ViewContext } from "../components/view-elements--app.ts";
import { makeChart } from "../components/month-chart.ts";
import type { ShownExport } from "../client/api-client.ts";
import { make } from "../components/view-elements.ts";
import { makeFollowUp } from "../components/report-summary--followup.ts";
import { makeReportSummary } from "../components/report-summary.ts";
import type { PageLocale } from "../words/page-format--speech.ts";

type Result = NonNullable<ShownExport["result"]>;

/** The answer at a glance, of an export that has succeeded. */
export function listResultParts({ options }: ShownExport, result: Result, { speech }: ViewContext): HTMLElement[] {
  const { figures } = result;
  return [
    makeReportSummary(options, result, speech),
    ...(figures === null ? [] : [makeChart(figures, speech), makeFollowUp(figures, options, speech)]),
    makeVerdict(result, options, speech),
  ].filter((section) => section !== null);
}

function makeVerdict(
  { completeness, remarks, offers, snapshotAt }: Result,
  { language }: ShownExport["options"],
  { words, format }: PageLocale,
): HTMLElement {
  const text =
    completeness === "complete"
      ? words.result.complete(words.result.offers(offers, format.count(offers)))
      : words.result.uncertain;
  return make(
    "section",
    { class: `card verdict ${completeness}` },
    make("h2", {}, words.result.verdict),
    make("p", {}, text, " ", words.result.readAt(format.moment(snapshotAt))),
    remarks.length === 0 ? null : make("h3", {}, words.result.remarks),
    // In the language of the report.
    remarks.length === 0
      ? null
      : make("ul", { lang: language }, ...remarks.map((remark) => make("li", {}, remark))),
  );
}
