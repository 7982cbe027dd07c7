import { makeButton } from "./feedback.ts";
import { type ViewContext, makeHeading, showView } from "./view-elements--app.ts";
import { make } from "./view-elements.ts";
import { makeHomeLink } from "./feedback--link.ts";
import { describeDetails, explainError } from "./feedback--problem.ts";
import { ApiError } from "../client/api-client--refusal.ts";

type Notice = { title: string; text: string };

/** A view that says one thing, and what can be done about it. */
export function showMessage(app: ViewContext, { title, text }: Notice, ...rest: HTMLElement[]): void {
  showView(
    app,
    title,
    make("section", { class: "card notice" }, makeHeading(title), make("p", {}, text), ...rest),
  );
}

/** Of what went wrong without anybody having foreseen where. */
export function showUnexpectedError(app: ViewContext, error: unknown, retry: () => void): void {
  const { words } = app.speech;
  if (error instanceof ApiError && error.code === "export_not_found")
    return showMessage(app, words.file.missing, makeHomeLink(app));
  const again = makeButton(app, words.result.retry, async () => retry(), "primary");
  showMessage(
    app,
    { title: words.problemTitle, text: explainError(error, words) },
    ...(error instanceof ApiError ? [describeDetails(error, words)] : []),
    make("div", { class: "actions" }, again, makeHomeLink(app)),
  );
}
