import { type Language, languageNames, listOtherLanguages } from "../core/basics/languages.ts";
import { ApiError, createApiClient } from "./client/api-client.ts";
import { forgetToken, keepLanguage, keepToken, readLanguage, readToken } from "./client/browser-storage.ts";
import { goInside, makeHomeLink, showMessage, showUnexpectedError } from "./components/feedback.ts";
import { make, type PageMemory, type ViewContext } from "./components/view-elements.ts";
import { captureViewState } from "./components/view-state.ts";
import { type PageRoute, readPageRoute } from "./page-router.ts";
import { openExport, openExportFile, openRequest, openSharedExport } from "./views/export-view.ts";
import { openHome } from "./views/home-view.ts";
import { showSignIn } from "./views/sign-in-view.ts";
import { createPageLocale, type PageLocale } from "./words/page-format.ts";

/** The elements of the document that the script fills. */
export type PageElements = Record<"header" | "brand" | "main" | "skip" | "announcer", HTMLElement>;

/** The page's state across views. Aborting `view` ends the current view, and `shown` is the view's address. */
type Page = {
  elements: PageElements;
  memory: PageMemory;
  view: AbortController;
  shown: string;
};

/** Shows the view of the address. Shows it anew when the address, the language or the token changes. */
export function openPage(elements: PageElements): void {
  const memory: PageMemory = {
    draft: {},
    viewState: null,
    notice: null,
    madeShare: null,
    visited: new Set(),
    setup: null,
  };
  const page: Page = { elements, memory, view: new AbortController(), shown: "" };
  elements.skip.addEventListener("click", (event) => {
    event.preventDefault();
    elements.main.focus();
  });
  addEventListener("popstate", () => {
    if (readAddress() !== page.shown) leaveView(page);
  });
  elements.brand.addEventListener("click", (event) => goInside((path) => goTo(page, path), "/", event));
  openView(page);
}

/** Opens the view of the address. `hasEnded` is true when the API has just refused the stored token. */
function openView(page: Page, hasEnded = false): void {
  page.view.abort();
  page.view = new AbortController();
  page.shown = readAddress();
  const token = readToken();
  const app = makeContext(page, token);
  const route = readPageRoute(location);
  const isGuarded = route.name !== "share" && route.name !== "unknown";
  prepareDocument(page, app, token !== null && isGuarded);
  if (token === null && isGuarded) showSignIn(app, { hasEnded, enter: (given) => enter(page, given) });
  else openRoute(app, route).catch(app.fail);
}

function makeContext(page: Page, token: string | null): ViewContext {
  const { elements, memory, view } = page;
  const app: ViewContext = {
    locale: createPageLocale(readLanguage()),
    client: createApiClient(token),
    memory,
    main: elements.main,
    signal: view.signal,
    go: (path) => goTo(page, path),
    settle: (path) => replaceAddress(page, path),
    announce: (text) => (elements.announcer.textContent = text),
    fail: (error) => handleFailure(page, app, error),
  };
  return app;
}

function prepareDocument(page: Page, { locale }: ViewContext, isSignedIn: boolean): void {
  const { elements } = page;
  document.documentElement.lang = locale.language;
  elements.skip.textContent = locale.words.skip;
  fillHeader(elements.header, {
    locale,
    switchTo: (language) => switchLanguage(page, language),
    signOut: isSignedIn ? () => endSession(page) : null,
  });
}

function goTo(page: Page, path: string): void {
  history.pushState(null, "", path);
  scrollTo(0, 0);
  leaveView(page);
}

/** Opens the view of the new address, and forgets what belonged to the view before it. */
function leaveView(page: Page): void {
  page.memory.viewState = null;
  page.memory.notice = null;
  page.memory.madeShare = null;
  openView(page);
}

function replaceAddress(page: Page, path: string): void {
  history.replaceState(null, "", path);
  page.shown = readAddress();
}

function handleFailure(page: Page, app: ViewContext, error: unknown): void {
  if (app.signal.aborted) return;
  if (!(error instanceof ApiError) || error.status !== 401)
    return showUnexpectedError(app, error, () => openView(page));
  forgetToken();
  openView(page, true);
}

/** Signs the reader in with the token. Throws when the API refuses the token. */
async function enter(page: Page, token: string): Promise<void> {
  await createApiClient(token).listExports();
  keepToken(token);
  openView(page);
}

function endSession(page: Page): void {
  forgetToken();
  page.memory.draft = {};
  goTo(page, "/");
}

function switchLanguage(page: Page, language: Language): void {
  const { elements, memory } = page;
  keepLanguage(language);
  // The old view may still be shown when the reader switches again before the new one has come.
  memory.viewState = captureViewState(elements.main);
  elements.announcer.textContent = "";
  openView(page);
  page.elements.header.querySelector("button")?.focus();
}

/** Returns the address without its fragment, which does not change the view. */
function readAddress(): string {
  return location.pathname + location.search;
}

type HeaderParts = {
  locale: PageLocale;
  /** Signs the reader out. Null when nobody is signed in. */
  signOut: (() => void) | null;
  switchTo: (language: Language) => void;
};

/** Fills the header with the page's name, a button for each other language, and the button to sign out. */
export function fillHeader(header: HTMLElement, { locale, signOut, switchTo }: HeaderParts): void {
  const { words } = locale;
  header.querySelector(".product")?.replaceChildren(words.product);
  header
    .querySelector("nav")
    ?.replaceChildren(
      ...listOtherLanguages(locale.language).map((other) =>
        make(
          "button",
          { type: "button", class: "quiet", lang: other, click: () => switchTo(other) },
          languageNames[other],
        ),
      ),
      ...(signOut ? [make("button", { type: "button", class: "quiet", click: signOut }, words.signOut)] : []),
    );
}

export async function openRoute(app: ViewContext, route: PageRoute): Promise<void> {
  switch (route.name) {
    case "home":
      return await openHome(app);
    case "request":
      return await openRequest(app, new URLSearchParams(route.query));
    case "export":
      return await openExport(app, route.id);
    case "file":
      return await openExportFile(app, route.id);
    case "share":
      return await openSharedExport(app, route.token);
    case "unknown":
      return showMessage(app, app.locale.words.unknown, makeHomeLink(app));
  }
}

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
