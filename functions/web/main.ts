import { openPage } from "./main--page.ts";

function find(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the document has no ${selector}`);
  return element;
}

openPage({
  header: find("body > header"),
  brand: find(".brand"),
  main: find("main"),
  skip: find(".skip"),
  announcer: find("[role=status]"),
});
