import { showError, makeButton } from "../components/feedback.ts";
import { type ViewContext, makeHeading, showView } from "../components/view-elements--app.ts";
import type { ShownExport } from "../client/api-client.ts";
import { makeDeliveryList } from "./outcome-view--delivery.ts";
import { beginDownload, download } from "../components/pending-download.ts";
import { make } from "../components/view-elements.ts";
import { makeHomeLink, makeLink } from "../components/feedback--link.ts";
import { describeDetails, explainCode } from "../components/feedback--problem.ts";
import { listResultParts } from "./outcome-view--result.ts";
import { describeRequest } from "../components/request-summary.ts";
import { startExport } from "../components/polling--start.ts";
import { repeatRequest } from "../components/request-summary--wanted.ts";

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
