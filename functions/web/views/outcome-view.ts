import type { ShownExport } from "../client/api-client.ts";
import {
  describeDetails,
  explainCode,
  makeButton,
  makeHomeLink,
  makeLink,
  showError,
} from "../components/feedback.ts";
import { makeChart } from "../components/month-chart.ts";
import { beginDownload, download } from "../components/pending-download.ts";
import { startExport } from "../components/polling.ts";
import { makeFollowUp, makeReportSummary } from "../components/report-summary.ts";
import { describeRequest, repeatRequest } from "../components/request-summary.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";

/**
 * Shows what became of an export, and begins the download of a file that was waited for. `actions` stand under
 * the heading, `rest` under the answer.
 */
export function showOutcome(
  app: ViewContext,
  seen: ShownExport,
  actions: HTMLElement[],
  rest: HTMLElement | null = null,
): void {
  const { words } = app.speech;
  if (seen.result === null) return showFailure(app, seen);
  const { file } = seen.result;
  const isBegun = beginDownload(seen);
  showView(
    app,
    words.result.title,
    make(
      "section",
      { class: "card ready" },
      makeHeading(words.result.title),
      make("p", { class: "sentence" }, describeRequest(repeatRequest(seen), app.speech)),
      make("p", { class: "hint" }, words.result.file(file.name, app.speech.format.bytes(file.bytes))),
      make("div", { class: "actions" }, ...actions),
      isBegun ? make("p", { class: "begun" }, words.result.downloading) : null,
    ),
    ...listResultParts(seen, seen.result, app),
    makeDeliveryList(seen, app.speech),
    rest,
  );
  if (isBegun) app.announce(words.result.downloading);
}

/** For an export of one's own: download it again, or make another. */
export function listActions(app: ViewContext, seen: ShownExport): HTMLElement[] {
  const { words } = app.speech;
  const again = makeButton(
    app,
    words.result.download,
    async (button) => {
      if (!(await download(app, seen.id))) offerAnew(app, seen, button);
    },
    "primary",
  );
  return [again, makeLink(app, words.result.again, "/", "button")];
}

/** Says that the file has been cleaned up, and offers the same anew. */
export function offerAnew(app: ViewContext, seen: ShownExport, button: HTMLElement): void {
  const { words } = app.speech;
  showError(button, words.file.gone);
  button.replaceWith(makeAnew(app, seen, "primary"));
}

export function makeAnew(app: ViewContext, seen: ShownExport, kind: string): HTMLElement {
  return makeButton(app, app.speech.words.file.make, () => startExport(app, repeatRequest(seen)), kind);
}

function showFailure(app: ViewContext, seen: ShownExport): void {
  const { words } = app.speech;
  const problem = seen.problem ?? { code: "interrupted", detail: "" };
  const isCancelled = problem.code === "cancelled";
  const title = isCancelled ? words.result.cancelled : words.result.problem;
  showView(
    app,
    title,
    make(
      "section",
      { class: "card failed" },
      makeHeading(title),
      make("p", {}, explainCode(problem.code, words)),
      isCancelled ? null : describeDetails(problem, words),
      make(
        "div",
        { class: "actions" },
        makeButton(app, words.result.retry, () => startExport(app, repeatRequest(seen)), "primary"),
        makeHomeLink(app),
      ),
    ),
  );
}

type Result = NonNullable<ShownExport["result"]>;

/** The answer at a glance, of an export that has succeeded. */
export function listResultParts(
  { options }: ShownExport,
  result: Result,
  { speech }: ViewContext,
): HTMLElement[] {
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

type Delivery = NonNullable<ShownExport["deliveries"]>[number];

/** Whom the report is sent to, and what became of that when the page was opened; nothing when it goes to nobody. */
export function makeDeliveryList({ deliveries = [] }: ShownExport, speech: PageLocale): HTMLElement | null {
  if (deliveries.length === 0) return null;
  return make(
    "section",
    { class: "card deliveries" },
    make("h2", {}, speech.words.delivery.title),
    make("ul", {}, ...deliveries.map((delivery) => makeItem(delivery, speech))),
  );
}

function makeItem(
  { kind, to, status, sentAt, reason }: Delivery,
  { words, format }: PageLocale,
): HTMLElement {
  const { delivery } = words;
  // A mail that came back was sent, too.
  const hasArrived = status === "sent" && sentAt !== null;
  const state = hasArrived ? delivery.sentAt(format.moment(sentAt)) : delivery.states[status];
  const target = kind === "mail" ? to : delivery.webhook(to);
  // The reason is for who runs it, as problems' details are.
  return make(
    "li",
    { class: status },
    `${target}: ${state}`,
    reason === null ? null : make("p", { class: "hint", lang: "en" }, reason),
  );
}
