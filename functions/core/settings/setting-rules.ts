// This file does not import zod, because every cold start reads settings, and loading zod would double its time.

/**
 * The rule for one setting. `read` parses the setting's text, and returns null when the text does not match the
 * hint. A setting without a fallback is required.
 */
export type Setting<T> = { hint: string; read: (text: string) => T | null; fallback?: T };

export type Settings = Record<string, Setting<unknown>>;

export type SettingValues<S extends Settings> = {
  [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/**
 * The error for faulty settings. Its message is one line that names every missing or malformed setting. The message
 * contains no setting's value.
 */
export class ConfigError extends Error {
  override name = "ConfigError";

  constructor(faults: string[]) {
    super(faults.join("; "));
  }
}

export function withFallback<T, F>(setting: Setting<T>, fallback: F): Setting<T | F> {
  return { ...setting, fallback };
}

/**
 * Reads the settings from the texts that `find` returns. Each of the returned faults is a clause that begins with
 * the setting's name, such as `PORTAL_API_KEY is missing`.
 */
export function readSettings<S extends Settings>(
  settings: S,
  find: (name: string) => string | undefined,
): { values: SettingValues<S>; faults: string[] } {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, { hint, read, fallback }] of Object.entries(settings)) {
    const text = find(name);
    const value = text === undefined ? fallback : read(text);
    values[name] = value;
    if (value === undefined) faults.push(`${name} is missing`);
    if (value === null && text !== undefined) faults.push(`${name} is malformed: ${hint}`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value comes from its own setting's `read`
  return { values: values as SettingValues<S>, faults };
}

/** Throws a ConfigError with all faults that `readSettings` has found, if there are any. */
export function rejectFaults(faults: string[]): void {
  if (faults.length > 0) throw new ConfigError(faults.map((fault) => `the setting ${fault}`));
}

export function textSetting(hint = "", isValid: (given: string) => boolean = () => true): Setting<string> {
  return { hint, read: (given) => (isValid(given) ? given : null) };
}

export type SettingBounds = { min: number; max: number };

/** A setting that is a whole number in decimal digits, from `min` to `max`. */
export function countSetting({
  min,
  max = 1_000_000,
}: Pick<SettingBounds, "min"> & Partial<SettingBounds>): Setting<number> {
  return {
    hint: `must be a whole number from ${min} to ${max}`,
    read: (given) => (isWholeNumber(given, { min, max }) ? Number(given) : null),
  };
}

/** True for a whole number from `min` to `max` that is written in digits only. `1e3`, `0x10` and ` 5` are refused. */
export function isWholeNumber(text: string, { min, max }: SettingBounds): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/** A setting that is the address of an API or a server. Paths are appended to the address. */
export const baseUrlSetting = textSetting(
  "must be an http or https address without a user name, a query or a fragment",
  isBaseUrl,
);

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/** A base address that gets a secret with each request. */
export const secureUrlSetting = textSetting(
  "must be an https address without a user name, a query or a fragment (http only to this machine, as in " +
    "http://localhost:8080, because it sends the key unencrypted)",
  (text) => isBaseUrl(text) && isConfidential(text),
);

/**
 * True when nobody on a network can read what is sent. `URL` has brought each way of writing an IPv4 address to the
 * form of four decimal numbers.
 */
function isConfidential(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Removes the slashes at the end of an address, so that a path can be appended. */
export function trimBaseUrl(url: string): string {
  return url.replace(/\/+$/, "");
}

export const defaultTimeZone = "Europe/Amsterdam";

export const timeZoneSetting = textSetting(`must be a time zone such as ${defaultTimeZone}`, isTimeZone);

/**
 * True when the time zone exists. Accepts the default without calling Intl, because a call would load ICU. Loading ICU
 * takes a third of an empty function's cold start.
 */
export function isTimeZone(name: string): boolean {
  if (name === defaultTimeZone) return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

export const mailAddressSetting = textSetting("must be a mail address without a display name", isMailAddress);

/**
 * True for a mail address in ASCII, as Amazon SES accepts it:
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html. Quoted names and comments are refused,
 * although RFC 5322 allows them. Hardly anybody has such an address, and attackers use them to inject headers.
 */
export function isMailAddress(text: string): boolean {
  const [, name = "", domain = ""] = /^([^@]{1,64})@([^@]{1,253})$/.exec(text) ?? [];
  const isNamed = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(name);
  return (
    isNamed &&
    text.length <= 254 &&
    /^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]*[a-z\d]$/i.test(domain)
  );
}

/** Returns the address in lower case, for comparing addresses. Addresses that differ only in case are one mailbox. */
export function normalizeMailAddress(address: string): string {
  return address.toLowerCase();
}
