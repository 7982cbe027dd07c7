import { chooseLanguage, type Language } from "../../core/basics/languages.ts";

type Kept = {
  read: (key: string) => string | null;
  write: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** What is forgotten when the tab is closed. */
export const tabStorage = createStorage(() => sessionStorage);

/** What is kept in the browser for all its tabs. */
export const browserStorage = createStorage(() => localStorage);

/** Where the browser blocks the data of sites, even naming a storage throws: then it is kept for the page's life. */
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

/** Of this tab: it is forgotten when the tab is closed. */
export function readToken(): string | null {
  return tabStorage.read(tokenKey);
}

export function keepToken(token: string): void {
  tabStorage.write(tokenKey, token);
}

export function forgetToken(): void {
  tabStorage.remove(tokenKey);
}

/** Whether it can stand in a header at all. */
export function isHeaderToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

const languageKey = "language";

/** The language chosen here before, else the first of the browser's that we have, else the default. */
export function readLanguage(): Language {
  return chooseLanguage([browserStorage.read(languageKey) ?? "", ...navigator.languages]);
}

export function keepLanguage(language: Language): void {
  browserStorage.write(languageKey, language);
}

const timeZoneKey = "time-zone";

/** The check tells it; until it first has, the zone is that of most of the portal's owners. */
export function rememberTimeZone(timeZone: string): void {
  browserStorage.write(timeZoneKey, timeZone);
}

/** The day on the calendar of the reports, as `YYYY-MM-DD`. */
export function calendarDayOf(moment: string | number): string {
  const timeZone = browserStorage.read(timeZoneKey) ?? "Europe/Amsterdam";
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date(moment));
}
