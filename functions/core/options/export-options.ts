import { getISO } from "temporal-polyfill/fns/Calendar";
import * as PlainDate from "temporal-polyfill/fns/PlainDate";
import * as z from "zod";
import { type Day, parseDay } from "../basics/calendar.ts";
import { defaultLanguage, languages } from "../basics/languages.ts";
import { statuses } from "../offer/offer-status.ts";
import { columnsHint, findColumnErrors, machineOrder } from "./column-order.ts";

const dayHint = "must be a day that exists, written YYYY-MM-DD";
const day = z
  .string(dayHint)
  .refine((text) => parseDay(text) !== null, dayHint)
  .meta({ format: "date" });

const namedPeriods = ["last-month", "this-month", "last-quarter", "this-year"];
const periodHint = `must be YYYY, YYYY-MM or one of ${namedPeriods.join(", ")}`;
const period = z
  .string(periodHint)
  .regex(new RegExp(`^(\\d{4}(-(0[1-9]|1[0-2]))?|${namedPeriods.join("|")})$`), periodHint);

/** A boolean option. Its error message also fits a query, where the value is a text. */
export const booleanOption = z.boolean("must be true or false");
const maxAgeSeconds = 31_536_000;

/** An option that is a whole number of seconds, from `minSeconds` to a year. */
export function ageOption(minSeconds: number, hint: string) {
  return z
    .int(hint)
    .min(minSeconds, hint)
    .max(maxAgeSeconds, `must be at most ${maxAgeSeconds} seconds, a year`);
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `must be ${values.join(", ").replace(/, (?=[^,]+$)/, " or ")}`);
}

/** A choice of columns. One error names all names that are wrong, and lists the valid ones. */
const columnsOption = z
  .array(z.string(columnsHint).meta({ enum: [...machineOrder] }), columnsHint)
  .superRefine((given, context) => {
    for (const message of findColumnErrors(given)) context.addIssue({ code: "custom", message });
  })
  .pipe(z.array(z.enum(machineOrder)))
  .meta({ minItems: 1, uniqueItems: true });

const freshnesses = ["full", "refresh"] as const;

/** The options of an export as a caller sends them, in JSON. */
export const OptionsInput = z.strictObject(
  {
    format: oneOf(["xlsx", "csv"]).default("xlsx").describe("The file's format."),
    language: oneOf(languages).default(defaultLanguage).describe("The language of its headings and words."),
    dialect: oneOf(["excel", "machine"])
      .optional()
      .describe(
        "CSV only: as that language's Excel opens it (`excel`, the default), or RFC 4180 (`machine`).",
      ),
    status: z
      .array(oneOf(statuses), "must be a list of statuses")
      .min(1, "must name at least one status")
      .refine((given) => new Set(given).size === given.length, "must name each status once")
      .meta({ uniqueItems: true })
      .default([...statuses])
      .describe("Offers of these statuses only."),
    period: period
      .optional()
      .describe(
        "Offers issued in this year or month, or in a period relative to `asOf`. An offer without a usable issue " +
          "date is kept, with a remark. Not together with `issuedFrom` or `issuedTo`.",
      ),
    issuedFrom: day.optional().describe("Offers issued on this day or later."),
    issuedTo: day.optional().describe("Offers issued on this day or earlier."),
    asOf: day
      .optional()
      .describe("The state of affairs at the end of this day, which is not after today. Today by default."),
    customers: booleanOption.default(true).describe("Whether the rows name the customers."),
    evidence: booleanOption
      .default(false)
      .describe("Whether the rows hold the IP address and the user agent of an acceptance: personal data."),
    columns: columnsOption
      .optional()
      .describe(
        "The columns of the file, in this order. All columns by default, in the order of the format. The columns " +
          "`acceptedViaIp` and `acceptedViaUserAgent` need `evidence=true`.",
      ),
    freshness: oneOf(freshnesses)
      .default("refresh")
      .describe(
        "`refresh` reads what may have changed since the last complete snapshot, if that costs fewer requests. " +
          "`full` reads every offer anew.",
      ),
    maxAge: ageOption(0, "must be a whole number of seconds, 0 or more")
      .default(300)
      .describe(
        "Seconds that the portal's data may be old, counted from the end of their reading. A running export with the " +
          "same options is always joined.",
      ),
  },
  "must be a JSON object with the options",
);

/**
 * The parsed options. Equal options give equal reports of the same snapshot. An option without a default is null when
 * the caller has not set it.
 */
export const Options = z.object({
  format: z.enum(["xlsx", "csv"]),
  language: z.enum(languages),
  /** The dialect of a CSV file; null for the format XLSX. */
  dialect: z.enum(["excel", "machine"]).nullable(),
  status: z.array(z.enum(statuses)),
  period: z.string().nullable(),
  issuedFrom: day.nullable(),
  issuedTo: day.nullable(),
  asOf: day,
  customers: z.boolean(),
  evidence: z.boolean(),
  freshness: z.enum(freshnesses).default("refresh"),
  /** The chosen columns in their order; null for all columns in the order of the format. */
  columns: z.array(z.enum(machineOrder)).nullable().default(null),
});
export type Options = z.infer<typeof Options>;

/** The options of the first release, in the order in which they are hashed for keys in the bucket. */
const firstOptions = [
  "format",
  "language",
  "dialect",
  "status",
  "period",
  "issuedFrom",
  "issuedTo",
  "asOf",
  "customers",
  "evidence",
  "freshness",
] as const satisfies (keyof Options)[];

/**
 * Returns the options that are hashed for keys in the bucket. Leaves out an option of a later release when the option
 * has its default in `schema`, so that existing keys stay the same.
 */
export function listHashed(
  options: Record<string, unknown>,
  schema: z.ZodObject = Options,
): Record<string, unknown> {
  const first = new Map<string, unknown>(firstOptions.map((name) => [name, options[name]]));
  const later = Object.entries(options)
    .filter(([name, value]) => !first.has(name) && !isDefault(value, schema.shape[name]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries([...first, ...later]);
}

function isDefault(value: unknown, option: z.core.$ZodType | undefined): boolean {
  const standard = option === undefined ? null : z.safeParse(option, undefined).data;
  return JSON.stringify(value ?? null) === JSON.stringify(standard ?? null);
}

/** The first and the last day of issue that the options select, both included. Null means that there is no bound. */
export type IssueRange = { from: Day | null; to: Day | null };

export function resolveRange(options: Options): IssueRange {
  if (options.period === null) return { from: readDay(options.issuedFrom), to: readDay(options.issuedTo) };
  const asOf = PlainDate.fromString(options.asOf, getISO);
  const { start, months } = resolvePeriod(options.period, PlainDate.withFields(asOf, { day: 1 }));
  const last = PlainDate.subtractDays(PlainDate.addMonths(start, months), 1);
  return { from: readDay(PlainDate.toString(start)), to: readDay(PlainDate.toString(last)) };
}

function resolvePeriod(name: string, month: PlainDate.Record): { start: PlainDate.Record; months: number } {
  const quarter = PlainDate.subtractMonths(month, (month.month - 1) % 3);
  if (name === "this-month") return { start: month, months: 1 };
  if (name === "last-month") return { start: PlainDate.subtractMonths(month, 1), months: 1 };
  if (name === "last-quarter") return { start: PlainDate.subtractMonths(quarter, 3), months: 3 };
  if (name === "this-year") return { start: PlainDate.withFields(month, { month: 1 }), months: 12 };
  if (name.length === 7) return { start: PlainDate.fromString(`${name}-01`, getISO), months: 1 };
  return { start: PlainDate.fromString(`${name}-01-01`, getISO), months: 12 };
}

function readDay(text: string | null): Day | null {
  return text === null ? null : parseDay(text);
}
