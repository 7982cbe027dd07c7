import { countUndated } from "../../core/figures/shown-conversion.ts";
import { hasPeriod } from "../../core/options/offer-filter.ts";
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
import { beginDownload, download, type NoFileReason } from "../components/pending-download.ts";
import { startExport } from "../components/polling.ts";
import { makeFollowUp, makeReportSummary } from "../components/report-summary.ts";
import { formatFormAddress } from "../components/request-query.ts";
import { describeExport, repeatRequest } from "../components/request-summary.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";

/**
 * Shows a finished export, and starts its pending download. `actions` appear under the heading, and `rest` appears at
 * the end.
 */
export function showOutcome(
  app: ViewContext,
  seen: ShownExport,
  actions: HTMLElement[],
  rest: HTMLElement | null = null,
): void {
  const { words } = app.locale;
  if (seen.result === null) return showFailure(app, seen);
  const { file, snapshotAt } = seen.result;
  const isBegun = beginDownload(seen);
  const match = findMatch(seen.options, seen.result);
  const { title, text } = describeMatch(match, seen.result, app.locale);
  showView(
    app,
    title,
    make(
      "section",
      { class: match === "some" ? "card ready" : "card ready nothing" },
      makeHeading(title),
      make("p", { class: "sentence" }, describeExport(seen, app.locale)),
      text === null ? null : make("p", {}, text),
      make("p", { class: "hint" }, words.result.file(file.name, app.locale.format.bytes(file.bytes))),
      make("p", {}, words.result.readAt(app.locale.format.moment(snapshotAt))),
      make("div", { class: "actions" }, ...actions),
      isBegun ? make("p", { class: "begun" }, words.result.downloading) : null,
    ),
    ...listResultParts(seen, seen.result, app),
    makeDeliveryList(seen, app.locale),
    rest,
  );
  if (isBegun) app.announce(words.result.downloading);
}

/**
 * How many offers fit the choices. `undated`: only offers without a readable date, which a report of a period has in any
 * case. `portalEmpty`: the portal has no offers at all.
 */
type Match = "some" | "undated" | "none" | "portalEmpty";

function findMatch(options: ShownExport["options"], { rows, offers, figures }: Result): Match {
  if (offers === 0) return "portalEmpty";
  if (rows === 0) return "none";
  const isUndated = hasPeriod(options) && figures !== null && countUndated(figures) === rows;
  return isUndated ? "undated" : "some";
}

function describeMatch(
  match: Match,
  { rows }: Result,
  { words: { result: words } }: PageLocale,
): { title: string; text: string | null } {
  if (match === "some") return { title: words.title, text: null };
  if (match === "undated") return { title: words.nothingDated, text: words.undated(rows) };
  return { title: match === "none" ? words.nothing : words.portalEmpty, text: words.nothingText };
}

/**
 * Creates the actions for readers with an access token: to download the file again, to read the portal again, or to
 * start another export.
 */
export function listActions(app: ViewContext, seen: ShownExport): HTMLElement[] {
  const { words } = app.locale;
  const match = seen.result === null ? "some" : findMatch(seen.options, seen.result);
  const isUnmatched = match === "none" || match === "undated";
  const again = makeButton(
    app,
    words.result.download,
    async (button) => {
      const reason = await download(app, seen.id);
      if (reason !== null) offerAnew(app, seen, { button, reason });
    },
    isUnmatched ? "plain" : "primary",
  );
  const anew = makeButton(app, words.result.fetchAgain, () =>
    startExport(app, { ...repeatRequest(seen), maxAge: 0 }),
  );
  if (isUnmatched) return [makeLink(app, words.result.adjust, locateForm(seen), "primary"), again, anew];
  return [again, anew, makeLink(app, words.result.again, "/", "button")];
}

/** Returns the address of the form with the export's options. */
function locateForm(seen: ShownExport): string {
  const { freshness: _, ...options } = repeatRequest(seen);
  return formatFormAddress(options);
}

type MissingFile = { button: HTMLElement; reason: NoFileReason };

/** Says why the file is not there any more, and offers a new export with the same options. */
export function offerAnew(app: ViewContext, seen: ShownExport, { button, reason }: MissingFile): void {
  showError(button, app.locale.words.file[reason]);
  button.replaceWith(makeAnew(app, seen, "primary"));
}

export function makeAnew(app: ViewContext, seen: ShownExport, kind: string): HTMLElement {
  return makeButton(app, app.locale.words.file.make, () => startExport(app, repeatRequest(seen)), kind);
}

function showFailure(app: ViewContext, seen: ShownExport): void {
  const { words } = app.locale;
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

export function listResultParts(
  { options }: ShownExport,
  result: Result,
  { locale }: ViewContext,
): HTMLElement[] {
  const { figures } = result;
  if (result.rows === 0) return [makeVerdict(result, options, locale)];
  return [
    makeReportSummary(options, result, locale),
    ...(figures === null
      ? []
      : [makeChart(figures, options, locale), makeFollowUp(figures, options, locale)]),
    makeVerdict(result, options, locale),
  ].filter((section) => section !== null);
}

function makeVerdict(
  { completeness, remarks, offers, snapshotAt }: Result,
  { language }: ShownExport["options"],
  { language: pageLanguage, words, format }: PageLocale,
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
    // Remarks are texts of the report, in its language.
    remarks.length === 0 || language === pageLanguage
      ? null
      : make("p", { class: "hint" }, words.result.remarksLanguage(words.form.languages[language])),
    remarks.length === 0
      ? null
      : make("ul", { lang: language }, ...remarks.map((remark) => make("li", {}, remark))),
  );
}

type Delivery = NonNullable<ShownExport["deliveries"]>[number];

/**
 * Lists the report's mails and webhooks; null when there are none. Each has the status that it had when the page read
 * the export.
 */
export function makeDeliveryList({ deliveries = [] }: ShownExport, locale: PageLocale): HTMLElement | null {
  if (deliveries.length === 0) return null;
  return make(
    "section",
    { class: "card deliveries" },
    make("h2", {}, locale.words.delivery.title),
    make("ul", {}, ...deliveries.map((delivery) => makeItem(delivery, locale))),
  );
}

function makeItem(
  { kind, to, status, sentAt, reason }: Delivery,
  { words, format }: PageLocale,
): HTMLElement {
  const { delivery } = words;
  // A mail that bounced has a `sentAt` too, although it did not arrive.
  const hasArrived = status === "sent" && sentAt !== null;
  const state = hasArrived ? delivery.sentAt(format.moment(sentAt)) : delivery.states[status];
  const target = kind === "mail" ? to : delivery.webhook(to);
  // The reason is for the people who run the program. So it is in English, like the details of the API's errors.
  return make(
    "li",
    { class: status },
    `${target}: ${state}`,
    reason === null ? null : make("p", { class: "hint", lang: "en" }, reason),
  );
}
