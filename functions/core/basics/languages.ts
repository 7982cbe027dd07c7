/**
 * The languages of the page, the reports and the mails. When you add a language, the compiler lists the texts that
 * are missing in the new language.
 */
export const languages = ["nl", "en"] as const;

export type Language = (typeof languages)[number];

export const defaultLanguage = "nl" satisfies Language;

/** The BCP 47 tag of each language, for `Intl`. The country in the tag decides the formats of dates and numbers. */
export const languageTags: Record<Language, string> = { nl: "nl-NL", en: "en-GB" };

/** The name of each language, written in the language itself. */
export const languageNames: Record<Language, string> = { nl: "Nederlands", en: "English" };

/**
 * Returns the language of the first tag that begins with one of `languages`, or the default language when no tag
 * does. `tags` are BCP 47 tags such as `["fr", "en-US"]`, with the most preferred language first.
 */
export function chooseLanguage(tags: readonly string[]): Language {
  const known = tags.map((tag) => languages.find((language) => tag.startsWith(language)));
  return known.find((language) => language !== undefined) ?? defaultLanguage;
}

/** Returns the languages that the reader of a page in `language` can switch to. */
export function listOtherLanguages(language: Language): Language[] {
  return languages.filter((other) => other !== language);
}
