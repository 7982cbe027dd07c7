import type { CheckAnswer } from "../../core/check/setup-check.ts";
import type { ApiClient, RequestOptions } from "../client/api-client.ts";
import type { PageLocale } from "../words/page-format.ts";

type Attribute = string | number | boolean | ((event: Event) => void);
type Attributes = Record<string, Attribute>;
type Child = Node | string | null;

/** Text goes in as text: nothing that a server said is ever read as markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for a drawing. */
export function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function furnish<T extends Element>(element: T, attributes: Attributes, children: Child[]): T {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** False leaves an attribute out; a function listens to the event of that name. */
function setAttribute(element: Element, name: string, value: Attribute): void {
  if (typeof value === "function") return element.addEventListener(name, value);
  if (value === false) return;
  element.setAttribute(name, value === true ? "" : String(value));
}

/** What every view of the page works with. */
export type ViewContext = {
  speech: PageLocale;
  client: ApiClient;
  memory: PageMemory;
  /** Where the view stands. */
  main: HTMLElement;
  /** Ends when another view is opened. */
  signal: AbortSignal;
  /** Opens the view of that path. */
  go: (path: string) => void;
  /** Puts the path into the address, of what is shown already. */
  settle: (path: string) => void;
  /** Tells a screen reader. */
  announce: (text: string) => void;
  /** For what a view cannot tell by itself: asks for the token anew, or shows what went wrong. */
  fail: (error: unknown) => void;
};

/** What outlives a view. */
export type PageMemory = {
  /** What the form held last. */
  draft: RequestOptions;
  /** Permanent links whose files were awaited: a visit asks for one download, however often it is shown. */
  visited: Set<string>;
  /** What is known of the setup, once it was asked for; nothing where it was at fault, which may be mended. */
  setup: Promise<CheckAnswer | null> | null;
};

/** Shows a view under its heading, from which the keyboard and the screen reader go on. */
export function showView(
  { main, speech, signal }: ViewContext,
  title: string,
  ...parts: (HTMLElement | null)[]
): void {
  if (signal.aborted) return;
  const isFirst = !main.hasChildNodes();
  document.title = `${title} · ${speech.words.product}`;
  main.replaceChildren(...parts.filter((part) => part !== null));
  if (!isFirst) main.querySelector<HTMLElement>("h1")?.focus();
}

export function makeHeading(title: string): HTMLElement {
  return make("h1", { tabindex: -1 }, title);
}
