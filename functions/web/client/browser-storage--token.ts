import { tab } from "./browser-storage.ts";

const key = "access-token";

/** Of this tab: it is forgotten when the tab is closed. */
export function readToken(): string | null {
  return tab.read(key);
}

export function keepToken(token: string): void {
  tab.write(key, token);
}

export function forgetToken(): void {
  tab.remove(key);
}

/** Whether it can stand in a header at all. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
