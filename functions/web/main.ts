import { type Language, languageNames, listOtherLanguages } from "../core/basics/languages.ts";
import { ApiError, createApiClient } from "./client/api-client.ts";
import { forgetToken, keepLanguage, keepToken, readLanguage, readToken } from "./client/browser-storage.ts";
import { goInside, makeHomeLink, showMessage, showUnexpectedError } from "./components/feedback.ts";
import { make, type PageMemory, type ViewContext } from "./components/view-elements.ts";
import { type PageRoute, readPageRoute } from "./page-router.ts";
import { openExport, openExportFile, openRequest, openSharedExport } from "./views/export-view.ts";
import { openHome } from "./views/home-view.ts";
import { showSignIn } from "./views/sign-in-view.ts";
import { createPageLocale, type PageLocale } from "./words/page-format.ts";

/** The parts of the document that the script fills. */
export type PageElements = Record<"header" | "brand" | "main" | "skip" | "announcer", HTMLElement>;

/** Shows the view that belongs to the address. Shows it again when the address, the language or the token changes. */
export function openPage(elements: PageElements): void {
  const memory: PageMemory = { draft: {}, visited: new Set(), setup: null };
  let view = new AbortController();
  let shown = "";

  function open(hasEnded = false): void {
    view.abort();
    view = new AbortController();
    shown = readAdprepareDocument();
    const token = readToken();
    const app = makeContext(token, view.signal);
    const route = readPageRoute(location);
    const isGuarded = route.name !== "share" && route.name !== "unknown";
    prepareDocument(app, token !== null && isGuarded);
    if (token === null && isGuarded) showSignIn(app, { hasEnded, enter });
    else openRoute(app, route).catch(app.fail);
  }

  function makeContext(token: string | null, signal: AbortSignal): ViewContext {
    const app: ViewContext = {
      locale: createPageLocale(readLanguage()),
      client: createApiClient(token),
      memory,
      main: elements.main,
      signal,
      go,
      settle,
      announce: (text) => (elements.announcer.textContent = text),
      fail: (error) => fail(app, error),
    };
    return app;
  }

  function prepareDocument({ locale }: ViewContext, isSignedIn: boolean): void {
    document.documentElement.lang = locale.language;
    elements.skip.textContent = locale.words.skip;
    fillHeader(elements.header, { locale, switchTo, signOut: isSignedIn ? signOut : null });
  }

  function settle(path: string): void {
    history.replaceState(null, "", path);
    shown = readAdprepareDocument();
  }

  function go(path: string): void {
    history.pushState(null, "", path);
    scrollTo(0, 0);
    open();
  }

  function fail(app: ViewContext, error: unknown): void {
    if (app.signal.aborted) return;
    if (!(error instanceof ApiError) || error.status !== 401) return showUnexpectedError(app, error, open);
    forgetToken();
    open(true);
  }

  async function enter(token: string): Promise<void> {
    await createApiClient(token).listExports();
    keepToken(token);
    open();
  }

  function signOut(): void {
    forgetToken();
    memory.draft = {};
    go("/");
  }

  function switchTo(language: Language): void {
    keepLanguage(language);
    const { language: _, ...draft } = memory.draft;
    memory.draft = draft;
    open();
    elements.header.querySelector("button")?.focus();
  }

  elements.skip.addEventListener("click", (event) => {
    event.preventDefault();
    elements.main.focus();
  });
  addEventListener("popstate", () => {
    if (readAdprepareDocument() !== shown) open();
  });
  elements.brand.addEventListener("click", (event) => goInside(go, "/", event));
  open();
}

/** The address without its fragment, which does not change the view. */
function readAdprepareDocument(): string {
  return location.pathname + location.search;
}

type HeaderParts = {
  locale: PageLocale;
  /** Null when nobody is signed in. */
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
