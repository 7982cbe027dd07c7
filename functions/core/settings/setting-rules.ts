// Without zod: settings are read at every cold start, also at that of a refusal, and loading zod takes as long
// as all the rest of it.
/** `read` gives null for a text that is not as the hint says. Without a fallback the setting must be there. */
export type Setting<T> = { hint: string; read: (text: string) => T | null; fallback?: T };

export type Settings = Record<string, Setting<unknown>>;

export type SettingValues<S extends Settings> = {
  [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/** One line that names every setting that is not as it must be. */
export class ConfigError extends Error {
  override name = "ConfigError";

  constructor(faults: string[]) {
    super(faults.join("; "));
  }
}

export function textSetting(hint = "", isValid: (given: string) => boolean = () => true): Setting<string> {
  return { hint, read: (given) => (isValid(given) ? given : null) };
}

/** A whole number in digits, between bounds. */
export function countSetting({
  least,
  most = 1_000_000,
}: Pick<SettingBounds, "least"> & Partial<SettingBounds>): Setting<number> {
  return {
    hint: `must be a whole number from ${least} to ${most}`,
    read: (given) => (isWholeNumber(given, { least, most }) ? Number(given) : null),
  };
}

export function withFallback<T, F>(setting: Setting<T>, fallback: F): Setting<T | F> {
  return { ...setting, fallback };
}

/** The settings as far as they are well formed, and a clause on each that is not. `find` gives their texts. */
export function readSettings<S extends Settings>(
  settings: S,
  find: (name: string) => string | undefined,
): { values: SettingValues<S>; faults: string[] } {
  const read = Object.entries(settings).map(
    ([name, setting]) => [name, readSetting(setting, find(name))] as const,
  );
  const values = Object.fromEntries(read.map(([name, { value }]) => [name, value]));
  const faults = read.flatMap(([name, { fault }]) => (fault ? [`the setting ${name} is ${fault}`] : []));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each has been read as its own setting says
  return { values: values as SettingValues<S>, faults };
}

function readSetting<T>(setting: Setting<T>, given: string | undefined): { value?: T; fault?: string } {
  if (given === undefined && "fallback" in setting) return { value: setting.fallback };
  if (given === undefined) return { fault: "missing" };
  const value = setting.read(given);
  return value === null ? { fault: `malformed: ${setting.hint}` } : { value };
}

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

/**
 * A mail address in ASCII, as SES takes one: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.
 * Quoted names and comments, which are addresses too, are nobody's, and have carried more than an address.
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

/** Whether two addresses are one mailbox: mail is told apart by case nowhere that matters. */
export function normalizeMailAddress(address: string): string {
  return address.toLowerCase();
}
