/** What settings must look like: the deployment refuses what the function would refuse at its start. */

export type SettingBounds = { least: number; most: number };

/** Digits and nothing else: `1e3`, `0x10` and ` 5` are none. */
export function isWholeNumber(text: string, { least, most }: SettingBounds): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) >= least && Number(text) <= most;
}

/** An address that paths can be put behind; what names somebody has no place in it. */
export function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/** Without the slashes at its end, so that a path can be put behind it. */
export function trimBaseUrl(url: string): string {
  return url.replace(/\/+$/, "");
}

export const defaultTimeZone = "Europe/Amsterdam";

/** The default is one without being looked up: that loads ICU, a third of an empty function's cold start. */
export function isTimeZone(name: string): boolean {
  if (name === defaultTimeZone) return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
