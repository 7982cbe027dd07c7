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

/** Shows the view of the address, and another one whenever that, the language or the token changes. */
export function openPage(ground: PageElements): void {
  const memory: PageMemory = { draft: {}, visited: new Set(), setup: null };
  let view = new AbortController();
  let shown = "";

  function open(hasEnded = false): void {
    view.abort();
    view = new AbortController();
    shown = readAddress();
    const token = readToken();
    const app = makeApp(token, view.signal);
    const place = readPageRoute(location);
    const isGuarded = place.name !== "share" && place.name !== "unknown";
    dress(app, token !== null && isGuarded);
    if (token === null && isGuarded) showSignIn(app, { hasEnded, enter });
    else openRoute(app, place).catch(app.fail);
  }

  function makeApp(token: string | null, signal: AbortSignal): ViewContext {
    const app: ViewContext = {
      speech: createPageLocale(readLanguage()),
      client: createApiClient(token),
      memory,
      main: ground.main,
      signal,
      go,
      settle,
      announce: (text) => (ground.announcer.textContent = text),
      fail: (error) => fail(app, error),
    };
    return app;
  }

  function dress({ speech }: ViewContext, isSignedIn: boolean): void {
    document.documentElement.lang = speech.language;
    ground.skip.textContent = speech.words.skip;
    fillHeader(ground.header, { speech, switchTo, signOut: isSignedIn ? signOut : null });
  }

  function settle(path: string): void {
    history.replaceState(null, "", path);
    shown = readAddress();
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
    ground.header.querySelector("button")?.focus();
  }

  ground.skip.addEventListener("click", (event) => {
    event.preventDefault();
    ground.main.focus();
  });
  addEventListener("popstate", () => {
    if (readAddress() !== shown) open();
  });
  ground.brand.addEventListener("click", (event) => goInside(go, "/", event));
  open();
}

/** Without the fragment, which changes nothing that is shown. */
function readAddress(): string {
  return location.pathname + location.search;
}

type Bar = {
  speech: PageLocale;
  /** Null when there is nobody to sign out. */
  signOut: (() => void) | null;
  switchTo: (language: Language) => void;
};

/** The page's name, the other language, and the way out. */
export function fillHeader(header: HTMLElement, { speech, signOut, switchTo }: Bar): void {
  const { words } = speech;
  header.querySelector(".product")?.replaceChildren(words.product);
  header
    .querySelector("nav")
    ?.replaceChildren(
      ...listOtherLanguages(speech.language).map((other) =>
        make(
          "button",
          { type: "button", class: "quiet", lang: other, click: () => switchTo(other) },
          languageNames[other],
        ),
      ),
      ...(signOut ? [make("button", { type: "button", class: "quiet", click: signOut }, words.signOut)] : []),
    );
}

/** Shows what the address asks for. */
export async function openRoute(app: ViewContext, place: PageRoute): Promise<void> {
  switch (place.name) {
    case "home":
      return await openHome(app);
    case "request":
      return await openRequest(app, new URLSearchParams(place.query));
    case "export":
      return await openExport(app, place.id);
    case "file":
      return await openExportFile(app, place.id);
    case "share":
      return await openSharedExport(app, place.token);
    case "unknown":
      return showMessage(app, app.speech.words.unknown, makeHomeLink(app));
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
