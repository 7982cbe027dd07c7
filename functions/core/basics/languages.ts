export const languages = ["nl", "en"] as const;

export type Language = (typeof languages)[number];

/** What the platform knows a language by, with the country whose habits count. */
export const languageTags: Record<Language, string> = { nl: "nl-NL", en: "en-GB" };
