const key = "access-token";

/** Of this tab: it is forgotten when the tab is closed. */
export function readToken(): string | null {
  return sessionStorage.getItem(key);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(key, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(key);
}

/** Whether it can stand in a header at all. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
