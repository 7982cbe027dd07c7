import { tabStorage } from "./browser-storage.ts";

const key = "access-token";

/** Of this tab: it is forgotten when the tab is closed. */
export function readToken(): string | null {
  return tabStorage.read(key);
}

export function keepToken(token: string): void {
  tabStorage.write(key, token);
}

export function forgetToken(): void {
  tabStorage.remove(key);
}

/** Whether it can stand in a header at all. */
export function isHeaderToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
