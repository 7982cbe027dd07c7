import type { ViewContext } from "./view-elements--app.ts";
import { make } from "./view-elements.ts";

/** Leads to another view without loading the page anew; in a new tab it does. */
export function makeLink(app: ViewContext, text: string, path: string, kind = "plain"): HTMLAnchorElement {
  return make("a", { href: path, class: kind, click: (event) => goInside(app.go, path, event) }, text);
}

export function makeHomeLink(app: ViewContext): HTMLAnchorElement {
  return makeLink(app, app.speech.words.home, "/", "button");
}

/** Goes there inside the page, unless the click asks for a new tab or window. */
export function goInside(go: ViewContext["go"], path: string, event: Event): void {
  if (!(event instanceof MouseEvent) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go(path);
}
