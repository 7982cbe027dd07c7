import type { Language } from "../basics/languages.ts";
import type { Locale } from "./locale.ts";
import { dutchLocale } from "./report-dutch.ts";
import { englishLocale } from "./report-english.ts";

export const locales: Record<Language, Locale> = { nl: dutchLocale, en: englishLocale };
