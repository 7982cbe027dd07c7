import type { CheckAnswer } from "../../core/check/setup-check.ts";
import type { ApiClient, CreatedShare, RequestOptions } from "../client/api-client.ts";
import type { PageWords } from "../words/page-dutch.ts";
import type { PageLocale } from "../words/page-format.ts";
import { restoreViewState, type ViewState } from "./view-state.ts";

type Attribute = string | number | boolean | ((event: Event) => void);
type Attributes = Record<string, Attribute>;
type Child = Node | string | null;

/** Creates an HTML element. Strings become text nodes, so that a text from a server is never read as markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), attributes, children);
}

/** Creates an SVG element. Strings become text nodes, as in `make`. */
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

/** Sets an attribute. `false` leaves the attribute out, and a function becomes a listener for the event `name`. */
function setAttribute(element: Element, name: string, value: Attribute): void {
  if (typeof value === "function") return element.addEventListener(name, value);
  if (value === false) return;
  element.setAttribute(name, value === true ? "" : String(value));
}

/** The services that each view uses. */
export type ViewContext = {
  locale: PageLocale;
  client: ApiClient;
  memory: PageMemory;
  /** The element that holds the view. */
  main: HTMLElement;
  /** Aborted when another view opens. */
  signal: AbortSignal;
  /** Opens the view that belongs to the path. */
  go: (path: string) => void;
  /** Changes the path in the browser's address, and keeps the current view. */
  settle: (path: string) => void;
  /** Announces the text to screen readers. */
  announce: (text: string) => void;
  /**
   * Handles an error that the view cannot handle: asks for the token again, or shows the error in place of the view.
   */
  fail: (error: unknown) => void;
};

/** The state that outlives a view. It is lost when the page is closed or loaded again. */
export type PageMemory = {
  /**
   * The options that were last chosen in the export form. Without a chosen language, the file has the language of the
   * page.
   */
  draft: RequestOptions;
  /** The state of the same view in another language; null unless the reader has just switched the language. */
  viewState: ViewState | null;
  /** A text that the start page shows about what the reader has just done; null when there is none. */
  notice: ((words: PageWords) => string) | null;
  /** The permanent link that was made in this view. It cannot be shown again once it is lost. */
  madeShare: CreatedShare | null;
  /**
   * The tokens of permanent links whose file was downloaded. A link's file is downloaded once, even if the link's view
   * is shown again.
   */
  visited: Set<string>;
  /**
   * The answer of the setup check. Null before the first check. Null also after a check that found a fault, so that the
   * page checks again.
   */
  setup: Promise<CheckAnswer | null> | null;
};

/**
 * Shows a view. If it is not the first view, moves the focus to its heading, so that keyboard and screen reader start
 * there.
 */
export function showView(
  { main, locale, signal, memory }: ViewContext,
  title: string,
  ...parts: (HTMLElement | null)[]
): void {
  if (signal.aborted) return;
  const isFirst = !main.hasChildNodes();
  document.title = `${title} · ${locale.words.product}`;
  main.replaceChildren(...parts.filter((part) => part !== null));
  if (memory.viewState !== null) restoreViewState(main, memory.viewState);
  memory.viewState = null;
  if (!isFirst) main.querySelector<HTMLElement>("h1")?.focus();
}

export function makeHeading(title: string): HTMLElement {
  return make("h1", { tabindex: -1 }, title);
}
