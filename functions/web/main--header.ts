import { type Language, languages } from "../core/basics/languages.ts";
import { make } from "./components/view-elements.ts";
import type { PageLocale } from "./words/page-format--speech.ts";

type Bar = {
  speech: PageLocale;
  /** Null when there is nobody to sign out. */
  signOut: (() => void) | null;
  switchTo: (language: Language) => void;
};

/** The page's name, the other language, and the way out. */
export function fillHeader(header: HTMLElement, { speech, signOut, switchTo }: Bar): void {
  const { words } = speech;
  const other = languages.find((language) => language !== speech.language) ?? "nl";
  header.querySelector(".product")?.replaceChildren(words.product);
  header
    .querySelector("nav")
    ?.replaceChildren(
      make(
        "button",
        { type: "button", class: "quiet", lang: other, click: () => switchTo(other) },
        words.switchTo,
      ),
      ...(signOut ? [make("button", { type: "button", class: "quiet", click: signOut }, words.signOut)] : []),
    );
}
