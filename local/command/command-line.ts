import { findNearest } from "../../functions/core/settings/setting-names.ts";

/** A flag of a command. `values` describes its values; null for a flag that takes none. */
export type Flag = { values: string | null; help: string };

/** A command of package.json. `call` is what people type, such as `npm start`. */
export type Command = {
  call: string;
  about: string;
  /** Describes the words that are no flags; null when the command takes none. */
  words?: string;
  flags: Record<string, Flag>;
};

/** The arguments of a command. A flag without a value has an empty text. */
export type Arguments = { flags: Map<string, string>; words: string[] };

/**
 * Parses the arguments of a command. Returns null when they ask for help. Throws an error of one line that names the
 * first fault, and the flags that there are.
 */
export function parseArguments(
  command: Command,
  args: readonly string[],
  env: Record<string, string | undefined> = {},
): Arguments | null {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return null;
  const given = splitArguments(command, args);
  rejectSwallowed(command, given, env);
  const [word] = given.words;
  if (word === undefined || command.words !== undefined) return given;
  throw new Error(
    `${command.call} does not take ${word}: npm wants -- before the options, as in ${command.call} -- --help; ` +
      describeFlags(command),
  );
}

function splitArguments(command: Command, args: readonly string[]): Arguments {
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-") || /^-\d*$/.test(arg)) {
      words.push(arg);
      continue;
    }
    const [, given = "", value] = /^(.*?)(?:=(.*))?$/s.exec(arg) ?? [];
    const name = findFlag(command, given);
    if (flags.has(name)) throw new Error(`--${name} is given more than once`);
    const takesNext = value === undefined && isValue(args[index + 1]) && command.flags[name]?.values !== null;
    flags.set(name, value ?? (takesNext ? (args[index + 1] ?? "") : ""));
    if (takesNext) index += 1;
  }
  return { flags, words };
}

const isValue = (arg: string | undefined) => arg !== undefined && !arg.startsWith("--");

/** Returns the flag's name. `--issued-from` is the same flag as `--issuedFrom`. */
function findFlag(command: Command, given: string): string {
  const name = given.replace(/^--?/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (given.startsWith("--") && Object.hasOwn(command.flags, name)) return name;
  throw new Error(`${command.call} does not know ${given}: ${describeFlags(command, name)}`);
}

function describeFlags({ flags }: Command, meant = ""): string {
  const names = Object.keys(flags);
  const nearest = meant === "" ? null : findNearest(meant, names);
  const hint = nearest !== null && nearest.distance <= 2 ? `is --${nearest.name} meant? ` : "";
  return `${hint}there are ${[...names, "help"].map((name) => `--${name}`).join(", ")}`;
}

/**
 * Throws when npm took flags for its own, which happens without `--` before them. npm then passes them on as
 * environment variables, and the command would run without them.
 */
function rejectSwallowed(
  { call, flags: known }: Command,
  { flags }: Arguments,
  env: Record<string, string | undefined>,
): void {
  const swallowed = Object.keys(known).find(
    (name) => !flags.has(name) && npmVariables(name).some((variable) => env[variable] !== undefined),
  );
  if (swallowed === undefined) return;
  const program = call.includes(" -- ") ? call : `${call} --`;
  throw new Error(`npm keeps --${swallowed} for itself without -- before it: ${program} --${swallowed} …`);
}

function npmVariables(name: string): string[] {
  const dashed = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return [name, dashed].map((text) => `npm_config_${text.toLowerCase()}`);
}

const lineWidth = 100;

/** Returns what `--help` prints. */
export function describeCommand({ call, about, words, flags }: Command): string {
  const all: Command["flags"] = { ...flags, help: { values: null, help: "prints this" } };
  const rows = Object.entries(all).map(([name, { values, help }]) => {
    const flag = values === null ? `  --${name}` : `  --${name} <${values}>`;
    return [flag, ...wrap(help, lineWidth - 6).map((line) => `      ${line}`)].join("\n");
  });
  const usage = `${call} --${words === undefined ? "" : ` ${words}`} [options]`;
  return [...wrap(about, lineWidth), "", usage, "", ...rows].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Reads a flag that is a whole number. Returns null when the flag is not given. */
export function readCount({ flags }: Arguments, name: string, max: number): number | null {
  const given = flags.get(name);
  if (given === undefined) return null;
  const count = /^\d{1,7}$/.test(given) ? Number(given) : 0;
  if (count >= 1 && count <= max) return count;
  throw new Error(`--${name} takes a whole number from 1 to ${max}`);
}
