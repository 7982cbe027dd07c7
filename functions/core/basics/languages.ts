/**
 * The languages of the page, the reports and the mails. When you add one, the compiler lists the texts that it
 * lacks.
 */
export const languages = ["nl", "en"] as const;

export type Language = (typeof languages)[number];

export const defaultLanguage = "nl" satisfies Language;

/** A language with the country whose formats it uses, as a BCP 47 tag for `Intl`. */
export const languageTags: Record<Language, string> = { nl: "nl-NL", en: "en-GB" };

/** Each language's name in that language itself. */
export const languageNames: Record<Language, string> = { nl: "Nederlands", en: "English" };

/**
 * Returns the language of the first tag that begins with one of `languages`, and the default when no tag does. Tags
 * are BCP 47 in order of preference, such as `["fr", "en-US"]`.
 */
export function chooseLanguage(tags: readonly string[]): Language {
  const known = tags.map((tag) => languages.find((language) => tag.startsWith(language)));
  return known.find((language) => language !== undefined) ?? defaultLanguage;
}

/** The languages that a page in `language` lets its reader switch to. */
export function listOtherLanguages(language: Language): Language[] {
  return languages.filter((other) => other !== language);
}
