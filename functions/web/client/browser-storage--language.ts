import { type Language, languages } from "../../core/basics/languages.ts";
import { browserStorage } from "./browser-storage.ts";

const key = "language";

/** The one chosen here before, else the first that the browser asks for, else Dutch. */
export function readLanguage(): Language {
  const wanted = [browserStorage.read(key) ?? "", ...navigator.languages];
  const known = wanted.map((tag) => languages.find((language) => tag.startsWith(language)));
  return known.find((language) => language !== undefined) ?? "nl";
}

export function keepLanguage(language: Language): void {
  browserStorage.write(key, language);
}
