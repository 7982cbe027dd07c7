import * as z from "zod";
import { type Calendar, formatDay, type Moment } from "../basics/calendar.ts";
import { ExportError, type ParameterError, ScheduleError } from "../basics/errors.ts";
import { readJson } from "../basics/stored-values.ts";
import { parseOptions, Recipients } from "../options/export-request.ts";
import type { Options } from "../options/options.ts";
import { ConfigError } from "../settings/setting-rules.ts";
import { type CronExpression, isCron } from "./cron-expression.ts";

const nameHint = "must be up to 20 small letters and digits, a letter first";
const expressionHint = "must be a cron expression of EventBridge Scheduler, such as cron(0 6 1 * ? *)";

/** An export's options, but for what the tick decides. */
const Report = z
  .record(z.string(), z.unknown(), "must be the options of a report")
  .superRefine((given, context) => {
    for (const { parameter, detail } of listErrors(given))
      context.addIssue({ code: "custom", path: [parameter], message: detail });
  });

/** What is made of the portal's offers at each tick, the moments that the expression names. */
const Schedule = z.strictObject(
  {
    name: z.string(nameHint).regex(/^[a-z][a-z0-9]{0,19}$/, nameHint),
    expression: z.custom<CronExpression>(isCron, expressionHint),
    reports: z.array(Report, "must be a list of options").min(1, "must name at least one report"),
    recipients: Recipients.optional(),
  },
  "must have a name, an expression, reports and perhaps recipients, and nothing else",
);
export type Schedule = z.infer<typeof Schedule>;

const Schedules = z
  .array(Schedule, "must be a list of schedules")
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "must have different names");

/** The setting: JSON, refused in one clause that says where in it something is wrong. */
export const SchedulesText = z.string().transform((text, context): Schedule[] => {
  const { data, error } = Schedules.safeParse(readJson(text));
  if (data !== undefined) return data;
  context.addIssue(error.issues.map(describeIssue).join(", "));
  return z.NEVER;
});

/** On the first of the month: the month before, and everything. */
export const defaultSchedules: Schedule[] = [
  { name: "monthly", expression: "cron(0 6 1 * ? *)", reports: [{ period: "this-month" }, {}] },
];

export type Tick = { schedule: Schedule; at: Moment };

/**
 * The reports of a tick, of offers that are all read for it: as of the day before it, by the calendar at hand, which
 * periods are relative to.
 */
export function describeReports({ schedule, at }: Tick, calendar: Calendar): Options[] {
  const day = calendar.dayOf(at) - 1;
  return schedule.reports.map(
    (given) => parseOptions({ ...given, asOf: formatDay(day), freshness: "full" }, day).options,
  );
}

const TickEvent = z.object({ schedule: z.string(), at: z.iso.datetime() });

/** Reads what EventBridge Scheduler sends; `at` is when the tick was to come, however late it does. */
export function parseTick(event: unknown, schedules: Schedule[]): Tick {
  const { schedule: name, at } = TickEvent.parse(event);
  const schedule = schedules.find((one) => one.name === name);
  if (schedule !== undefined) return { schedule, at: Date.parse(at) };
  const names = schedules.map((one) => one.name).join(", ") || "none";
  throw new ScheduleError(`There is no such schedule; SCHEDULES has ${names}.`);
}

function listErrors(given: Record<string, unknown>): ParameterError[] {
  const decided = ["asOf", "maxAge", "freshness"].filter((name) => name in given);
  if (decided.length > 0)
    return decided.map((parameter) => ({ parameter, detail: "is decided by the tick" }));
  try {
    parseOptions(given, 0);
    return [];
  } catch (error) {
    if (error instanceof ExportError) return error.errors;
    throw error;
  }
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`));
  return `${steps.join("")} ${message}`.trim();
}

/**
 * Throws a ConfigError. Apart from the other settings, because reading schedules takes libraries that the
 * functions without any can do without.
 */
export function readSchedules(env: Record<string, string | undefined>): Schedule[] {
  const text = env["SCHEDULES"]?.trim();
  if (!text) return defaultSchedules;
  const { data, error } = SchedulesText.safeParse(text);
  if (data?.some(({ recipients }) => recipients !== undefined) && !env["MAIL_SENDER"]?.trim())
    throw new ConfigError(["the setting MAIL_SENDER is missing: SCHEDULES has recipients"]);
  if (data !== undefined) return data;
  throw new ConfigError(error.issues.map(({ message }) => `the setting SCHEDULES is malformed: ${message}`));
}
