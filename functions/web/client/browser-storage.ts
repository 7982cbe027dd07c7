import { chooseLanguage, type Language } from "../../core/basics/languages.ts";

type Kept = {
  read: (key: string) => string | null;
  write: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** Stores values until the tab is closed. */
export const tabStorage = createStorage(() => sessionStorage);

/** Stores values for all tabs of the browser, and keeps them when the tabs are closed. */
export const browserStorage = createStorage(() => localStorage);

/**
 * Creates a storage that keeps values in the browser and in memory. If the browser does not let the page store data,
 * the values last only until the reader leaves the page.
 */
export function createStorage(find: () => Storage): Kept {
  const memory = new Map<string, string>();
  return {
    read: (key) => attempt(() => find().getItem(key)) ?? memory.get(key) ?? null,
    write(key, value) {
      memory.set(key, value);
      attempt(() => find().setItem(key, value));
    },
    remove(key) {
      memory.delete(key);
      attempt(() => find().removeItem(key));
    },
  };
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

const tokenKey = "access-token";

export function readToken(): string | null {
  return tabStorage.read(tokenKey);
}

export function keepToken(token: string): void {
  tabStorage.write(tokenKey, token);
}

export function forgetToken(): void {
  tabStorage.remove(tokenKey);
}

/** True when an HTTP header may carry the text. */
export function isHeaderToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

const languageKey = "language";

/**
 * Returns the language that the reader has chosen. Without a choice, returns the first of the browser's languages that
 * the page offers, or the default when the page offers none of them.
 */
export function readLanguage(): Language {
  return chooseLanguage([browserStorage.read(languageKey) ?? "", ...navigator.languages]);
}

export function keepLanguage(language: Language): void {
  browserStorage.write(languageKey, language);
}

const timeZoneKey = "time-zone";

/** Stores the time zone of the reports, which the setup check returns. */
export function rememberTimeZone(timeZone: string): void {
  browserStorage.write(timeZoneKey, timeZone);
}

/**
 * Returns the moment's day as `YYYY-MM-DD`, in the reports' time zone. Until the first setup check, assumes the time
 * zone of Amsterdam.
 */
export function calendarDayOf(moment: string | number): string {
  const timeZone = browserStorage.read(timeZoneKey) ?? "Europe/Amsterdam";
  // The Swedish date format is `YYYY-MM-DD`.
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date(moment));
}
