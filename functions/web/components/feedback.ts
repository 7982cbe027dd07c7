import { ApiError, mayPassLater } from "../client/api-client.ts";
import type { PageWords } from "../words/page-dutch.ts";
import { make, makeHeading, showView, type ViewContext } from "./view-elements.ts";

/** Runs the work of a button, unless the button's earlier work still runs. Shows an error beside the button. */
export async function runAction(
  app: ViewContext,
  button: HTMLElement,
  work: () => Promise<void>,
): Promise<void> {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  removeError(button);
  const { words } = app.locale;
  try {
    await work();
  } catch (error) {
    if (app.signal.aborted) return;
    if (error instanceof ApiError && error.status === 401) app.fail(error);
    else showError(button, explainError(error, words), detailUnknown(error, words));
  } finally {
    button.setAttribute("aria-disabled", "false");
  }
}

/** Shows the text right after the element. Removes an earlier error of the same element. */
export function showError(element: HTMLElement, text: string, details: HTMLElement | null = null): void {
  removeError(element);
  element.after(make("div", { class: "complaint", role: "alert" }, text, details));
}

/** Removes the text that `showError` has shown after the element. */
export function removeError(element: HTMLElement): void {
  const next = element.nextElementSibling;
  if (next?.classList.contains("complaint")) next.remove();
}

export function makeButton(
  app: ViewContext,
  text: string,
  work: (button: HTMLElement) => Promise<void>,
  kind = "plain",
): HTMLButtonElement {
  const button = make("button", { type: "button", class: kind }, text);
  button.addEventListener("click", () => void runAction(app, button, () => work(button)));
  return button;
}

type Question = { title: string; text: string; yes: string; no: string };

/** Asks in a dialog whether to do something that cannot be undone. Pressing Escape means no. */
export async function confirmAction(
  { main }: ViewContext,
  { title, text, yes, no }: Question,
): Promise<boolean> {
  const dialog = make(
    "dialog",
    { "aria-labelledby": "confirm-title" },
    make("h2", { id: "confirm-title" }, title),
    make("p", {}, text),
  );
  const close = (answer: string) => () => dialog.close(answer);
  dialog.append(
    make(
      "div",
      { class: "actions" },
      make("button", { type: "button", class: "danger", click: close("yes") }, yes),
      make("button", { type: "button", class: "plain", click: close("no") }, no),
    ),
  );
  main.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve));
  dialog.remove();
  return dialog.returnValue === "yes";
}

type Notice = { title: string; text: string };

/** Shows a view with one message. `rest` are the elements below the message, such as buttons. */
export function showMessage(app: ViewContext, { title, text }: Notice, ...rest: HTMLElement[]): void {
  showView(
    app,
    title,
    make("section", { class: "card notice" }, makeHeading(title), make("p", {}, text), ...rest),
  );
}

/** Shows a view for an error that no other view handles. */
export function showUnexpectedError(app: ViewContext, error: unknown, retry: () => void): void {
  const { words } = app.locale;
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

/** Explains an error code to a user of the page: what happened, and what to do. */
export function explainCode(code: string, words: PageWords): string {
  return words.problems[code] ?? words.problems.other;
}

export function explainError(error: unknown, words: PageWords): string {
  if (error instanceof ApiError) return explainCode(error.code, words);
  return mayPassLater(error) ? words.problems.unreachable : words.problems.other;
}

/** Returns technical details for an error of the API that the page cannot explain; null for any other error. */
export function detailUnknown(error: unknown, words: PageWords): HTMLElement | null {
  if (!(error instanceof ApiError) || error.code in words.problems) return null;
  return describeDetails(error, words);
}

type Details = { code: string; detail: string; requestId?: string | null };

/** Shows details of an error for the people who run the page. */
export function describeDetails({ code, detail, requestId = null }: Details, words: PageWords): HTMLElement {
  return make(
    "details",
    { class: "technical" },
    make("summary", {}, words.details),
    make("p", { lang: "en" }, `${code}: ${detail}`, requestId === null ? "" : ` (requestId ${requestId})`),
  );
}

/** Creates a link to another view. A plain click shows the view without loading the page again. */
export function makeLink(app: ViewContext, text: string, path: string, kind = "plain"): HTMLAnchorElement {
  return make("a", { href: path, class: kind, click: (event) => goInside(app.go, path, event) }, text);
}

export function makeHomeLink(app: ViewContext): HTMLAnchorElement {
  return makeLink(app, app.locale.words.home, "/", "button");
}

/** Opens the view of the path without loading the page, unless the click asks for a new tab or window. */
export function goInside(go: ViewContext["go"], path: string, event: Event): void {
  if (!(event instanceof MouseEvent) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go(path);
}
