import { dutch } from "./report-dutch.ts";
import { english } from "./report-english.ts";
import type { Language, Locale } from "./locale.ts";

export const locales: Record<Language, Locale> = { nl: dutch, en: english };
