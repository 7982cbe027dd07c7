import type { Language } from "../basics/languages.ts";
import type { Locale } from "./locale.ts";
import { dutch } from "./report-dutch.ts";
import { english } from "./report-english.ts";

export const locales: Record<Language, Locale> = { nl: dutch, en: english };
