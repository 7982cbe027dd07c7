// Without zod: settings are read at every cold start, also at that of a refusal, and loading zod takes as long
// as all the rest of it.
import { type SettingBounds, isWholeNumber } from "./setting-rules--setting.ts";

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
export function countSetting({ least, most = 1_000_000 }: Pick<SettingBounds, "least"> & Partial<SettingBounds>): Setting<number> {
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
