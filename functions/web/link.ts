import type { App } from "./app.ts";
import { make } from "./element.ts";

/** Leads to another view without loading the page anew; in a new tab it does. */
export function makeLink(app: App, text: string, path: string, kind = "plain"): HTMLAnchorElement {
  return make("a", { href: path, class: kind, click: (event) => goInside(app, path, event) }, text);
}

export function makeHomeLink(app: App): HTMLAnchorElement {
  return makeLink(app, app.speech.words.home, "/", "button");
}

function goInside(app: App, path: string, event: Event): void {
  if (!(event instanceof MouseEvent) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  app.go(path);
}
