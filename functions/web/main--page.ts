import type { Language } from "../core/basics/languages.ts";
import { ApiError } from "./client/api-client--refusal.ts";
import { createApiClient } from "./client/api-client.ts";
import { keepLanguage, readLanguage } from "./client/browser-storage--language.ts";
import { forgetToken, keepToken, readToken } from "./client/browser-storage--token.ts";
import { goInside } from "./components/feedback--link.ts";
import { showUnexpectedError } from "./components/feedback--notice.ts";
import type { ViewContext, PageMemory } from "./components/view-elements--app.ts";
import { fillHeader } from "./main--header.ts";
import { openRoute } from "./main--open.ts";
import { readPageRoute } from "./page-router.ts";
import { showSignIn } from "./views/sign-in-view.ts";
import { createPageLocale } from "./words/page-format--speech.ts";

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
