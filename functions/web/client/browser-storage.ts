import { chooseLanguage, type Language } from "../../core/basics/languages.ts";

type Kept = {
  read: (key: string) => string | null;
  write: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** Lasts until the tab is closed. */
export const tabStorage = createStorage(() => sessionStorage);

/** Shared by all tabs of the browser, and kept when they are closed. */
export const browserStorage = createStorage(() => localStorage);

/**
 * A storage that keeps values in the browser and in memory. When the browser blocks the data of sites, reading
 * `localStorage` throws, and the values last only until the page is left.
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

/** True when a header may carry the text. */
export function isHeaderToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

const languageKey = "language";

/** The language that the reader chose, else the first one of the browser's list that the page has, else the default. */
export function readLanguage(): Language {
  return chooseLanguage([browserStorage.read(languageKey) ?? "", ...navigator.languages]);
}

export function keepLanguage(language: Language): void {
  browserStorage.write(languageKey, language);
}

const timeZoneKey = "time-zone";

/** Keeps the reports' time zone, which the setup check returns. */
export function rememberTimeZone(timeZone: string): void {
  browserStorage.write(timeZoneKey, timeZone);
}

/** The day in the reports' time zone, as `YYYY-MM-DD`. Before the first setup check the zone is the portal's own. */
export function calendarDayOf(moment: string | number): string {
  const timeZone = browserStorage.read(timeZoneKey) ?? "Europe/Amsterdam";
  // The Swedish date format is ISO 8601.
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date(moment));
}
