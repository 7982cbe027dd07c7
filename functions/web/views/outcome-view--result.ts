import type { App } from "../components/view-elements--app.ts";
import { makeChart } from "../components/month-chart.ts";
import type { Export } from "../client/api-client.ts";
import { make } from "../components/view-elements.ts";
import { makeFollowUp } from "../components/report-summary--followup.ts";
import { makeGlance } from "../components/report-summary.ts";
import type { Speech } from "../words/page-format--speech.ts";

type Result = NonNullable<Export["result"]>;

/** The answer at a glance, of an export that has succeeded. */
export function listFindings({ options }: Export, result: Result, { speech }: App): HTMLElement[] {
  const { figures } = result;
  return [
    makeGlance(options, result, speech),
    ...(figures === null ? [] : [makeChart(figures, speech), makeFollowUp(figures, options, speech)]),
    makeVerdict(result, options, speech),
  ].filter((section) => section !== null);
}

function makeVerdict(
  { completeness, remarks, offers, snapshotAt }: Result,
  { language }: Export["options"],
  { words, format }: Speech,
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
