import { dutch } from "./dutch.ts";
import { english } from "./english.ts";
import type { Language, Locale } from "./locale.ts";

export const locales: Record<Language, Locale> = { nl: dutch, en: english };
