import type { Language } from "../../core/basics/languages.ts";
import { dutch, type Words } from "./page-dutch.ts";
import { english } from "./page-english.ts";
import { createFormat, type Format } from "./page-format.ts";

/** A language's words, and how it writes numbers and dates. */
export type Speech = { language: Language; words: Words; format: Format };

export function createSpeech(language: Language): Speech {
  return { language, words: language === "nl" ? dutch : english, format: createFormat(language) };
}
