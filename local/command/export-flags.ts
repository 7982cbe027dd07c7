import { extname } from "node:path";
import * as z from "zod";
import { createCalendar } from "../../functions/core/basics/calendar.ts";
import { ExportError } from "../../functions/core/basics/errors.ts";
import { Options, OptionsInput } from "../../functions/core/options/export-options.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { defaultTimeZone, isTimeZone } from "../../functions/core/settings/setting-rules.ts";
import type { Arguments, Flag } from "./command-line.ts";

const Property = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  items: z.object({ enum: z.array(z.string()).optional() }).optional(),
  description: z.string().default(""),
});
type Property = z.infer<typeof Property>;

const properties = z
  .object({ properties: z.record(z.string(), Property) })
  .parse(z.toJSONSchema(OptionsInput, { io: "input", unrepresentable: "any" })).properties;

/** A value of no option's type, so that an option's schema names its own rule. */
const noValue = Symbol("no value");

/** A flag for each option of an export, with the option's own description. */
export const exportFlags: Record<string, Flag> = Object.fromEntries(
  Object.entries(properties).map(([name, property]) => [
    name,
    { values: describeValues(property), help: describeHelp(name, property) },
  ]),
);

function describeValues({ type, enum: values, format, items }: Property): string {
  if (values !== undefined) return values.join("|");
  if (type === "array") return shorten(items?.enum ?? []);
  if (type === "boolean") return "true|false";
  if (type === "integer") return "number";
  return format === "date" ? "YYYY-MM-DD" : "text";
}

/** Shows a list of names that is too long for a line by its beginning. */
function shorten(names: readonly string[]): string {
  return names.length <= 6 ? names.join(",") : `${names.slice(0, 3).join(",")},…`;
}

/** Returns the option's description, with the rule of its values where their kind does not show it. */
function describeHelp(name: string, property: Property): string {
  const description = nameFlags(property.description.replaceAll("`", ""));
  if (describeValues(property) !== "text") return description;
  const rule = OptionsInput.safeParse({ [name]: noValue }).error?.issues[0]?.message ?? "";
  return `${description} It ${rule}.`;
}

const formats: readonly string[] = Options.shape.format.options;
export const defaultFormat = OptionsInput.shape.format.parse(undefined);

/** Returns the format that the ending of the name stands for; null when the name has no ending. */
function readEnding(out: string): string | null {
  const ending = extname(out);
  const format = ending.slice(1).toLowerCase();
  if (ending === "" || formats.includes(format)) return ending === "" ? null : format;
  throw new Error(`--out must end in ${formats.map((name) => `.${name}`).join(" or ")}, not in ${ending}`);
}

/**
 * Returns the options of the flags as the query of `GET /export`. The format is that of the file's name when no flag
 * names it. Throws an error of one line that names each invalid flag.
 */
export function readExportQuery(
  { flags }: Arguments,
  env: Record<string, string | undefined>,
): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of Object.keys(exportFlags)) {
    const given = flags.get(name);
    const isSwitch = given === "" && properties[name]?.type === "boolean";
    if (given !== undefined) query.set(name, isSwitch ? "true" : given);
  }
  const ofName = readEnding(flags.get("out") ?? "");
  if (ofName !== null && !query.has("format")) query.set("format", ofName);
  const zone = env["REPORT_TIMEZONE"]?.trim() ?? "";
  const calendar = createCalendar(isTimeZone(zone) ? zone : defaultTimeZone);
  try {
    const { options } = parseQuery(query, calendar.dayOf(Date.now()));
    if (ofName === null || options.format === ofName) return query;
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    const faults = error.errors.map(({ parameter, detail }) => `--${parameter} ${nameFlags(detail)}`);
    throw new Error(faults.join("; "), { cause: error });
  }
  throw new Error(`--out names a ${ofName} file, but --format is ${query.get("format")}`);
}

/** Rewrites a text about options, such as `format=csv`, for people who type flags, such as `--format csv`. */
export function nameFlags(text: string): string {
  const names = Object.keys(properties);
  const ofTwoWords = names.filter((name) => /[A-Z]/.test(name));
  return text
    .replaceAll(new RegExp(`\\b(${names.join("|")})=(\\w+)`, "g"), "--$1 $2")
    .replaceAll(new RegExp(`(?<!-)\\b(${ofTwoWords.join("|")})\\b`, "g"), "--$1");
}
