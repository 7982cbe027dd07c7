import type { ViewContext } from "./view-elements--app.ts";
import { make } from "./view-elements.ts";
import { detailUnknown, explainError } from "./feedback--problem.ts";
import { ApiError } from "../client/api-client--refusal.ts";

/** Does what a button is for, once at a time; says beside it what went wrong. */
export async function runAction(app: ViewContext, button: HTMLElement, work: () => Promise<void>): Promise<void> {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  forgetComplaint(button);
  const { words } = app.speech;
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

/** Says something about what stands before it. */
export function showError(element: HTMLElement, text: string, details: HTMLElement | null = null): void {
  forgetComplaint(element);
  element.after(make("div", { class: "complaint", role: "alert" }, text, details));
}

function forgetComplaint(element: HTMLElement): void {
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
