import type { Language } from "../../core/basics/languages.ts";
import { dutchWords, type PageWords } from "./page-dutch.ts";
import { englishWords } from "./page-english.ts";
import { createPageFormat, type PageFormat } from "./page-format.ts";

/** A language's words, and how it writes numbers and dates. */
export type PageLocale = { language: Language; words: PageWords; format: PageFormat };

export function createPageLocale(language: Language): PageLocale {
  return { language, words: language === "nl" ? dutchWords : englishWords, format: createPageFormat(language) };
}
