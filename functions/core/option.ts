import * as z from "zod";
import { parseDay } from "./calendar.ts";
import { languages } from "./locale.ts";
import { statuses } from "./status.ts";

const dayHint = "must be a day that exists, written YYYY-MM-DD";
const day = z.string(dayHint).refine((text) => parseDay(text) !== null, dayHint);

const namedPeriods = ["last-month", "this-month", "last-quarter", "this-year"];
const periodHint = `must be YYYY, YYYY-MM or one of ${namedPeriods.join(", ")}`;
const period = z
  .string(periodHint)
  .regex(new RegExp(`^(\\d{4}(-(0[1-9]|1[0-2]))?|${namedPeriods.join("|")})$`), periodHint);

/** `true` or `false`, with a message for who writes queries. */
export const boolean = z.boolean("must be true or false");
const mostAgeSeconds = 31_536_000;

/** Seconds, up to a year. */
export function ageFrom(leastSeconds: number, hint: string) {
  return z
    .int(hint)
    .min(leastSeconds, hint)
    .max(mostAgeSeconds, `must be at most ${mostAgeSeconds} seconds, a year`);
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `must be ${values.join(", ").replace(/, (?=[^,]+$)/, " or ")}`);
}

/** The options of an export as a caller gives them in JSON. */
export const OptionsInput = z.strictObject({
  format: oneOf(["xlsx", "csv"]).default("xlsx"),
  language: oneOf(languages).default("nl"),
  dialect: oneOf(["excel", "machine"]).optional(),
  status: z
    .array(oneOf(statuses), "must be a list of statuses")
    .min(1, "must name at least one status")
    .refine((given) => new Set(given).size === given.length, "must name each status once")
    .default([...statuses]),
  period: period.optional(),
  issuedFrom: day.optional(),
  issuedTo: day.optional(),
  asOf: day.optional(),
  customers: boolean.default(true),
  evidence: boolean.default(false),
  maxAge: ageFrom(0, "must be a whole number of seconds, 0 or more").default(300),
});

/** What decides the report: equal options give equal reports of one snapshot. What was not asked for is null. */
export const Options = z.object({
  format: z.enum(["xlsx", "csv"]),
  language: z.enum(languages),
  /** CSV only. */
  dialect: z.enum(["excel", "machine"]).nullable(),
  status: z.array(z.enum(statuses)),
  period: z.string().nullable(),
  issuedFrom: day.nullable(),
  issuedTo: day.nullable(),
  asOf: day,
  customers: z.boolean(),
  evidence: z.boolean(),
});
export type Options = z.infer<typeof Options>;
