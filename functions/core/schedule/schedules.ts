import * as z from "zod";
import { type Calendar, formatDay, type Moment } from "../basics/calendar.ts";
import { ExportError, type ParameterError, ScheduleError } from "../basics/errors.ts";
import { readJson } from "../basics/stored-values.ts";
import { mailConditions } from "../export/export-state.ts";
import type { Options } from "../options/export-options.ts";
import { parseOptions, Recipients } from "../options/export-request.ts";
import { ConfigError } from "../settings/setting-rules.ts";
import { type CronExpression, isCron } from "./cron-expression.ts";

const nameHint = "must be up to 20 small letters and digits, a letter first";
const expressionHint = "must be a cron expression of EventBridge Scheduler, such as cron(0 6 1 * ? *)";

/**
 * The options of a report of a schedule. `asOf`, `maxAge` and `freshness` are not allowed, since the tick sets them.
 */
const ReportOptions = z
  .record(z.string(), z.unknown(), "must be the options of a report")
  .superRefine((options, context) => {
    for (const { parameter, detail } of listOptionErrors(options))
      context.addIssue({ code: "custom", path: [parameter], message: detail });
  });

/**
 * A schedule makes its reports at each tick, and mails them to its recipients. A tick is a moment that the cron
 * expression names. `mailWhen` says which reports are mailed; all of them when it is missing.
 */
const Schedule = z
  .strictObject(
    {
      name: z.string(nameHint).regex(/^[a-z][a-z0-9]{0,19}$/, nameHint),
      expression: z.custom<CronExpression>(isCron, expressionHint),
      reports: z.array(ReportOptions, "must be a list of options").min(1, "must name at least one report"),
      recipients: Recipients.optional(),
      mailWhen: z.enum(mailConditions, `must be one of ${mailConditions.join(", ")}`).optional(),
    },
    "must have a name, an expression, reports and perhaps recipients and mailWhen, and nothing else",
  )
  .superRefine((schedule, context) => {
    for (const { path, message } of listMailFaults(schedule))
      context.addIssue({ code: "custom", path, message });
  });
export type Schedule = z.infer<typeof Schedule>;

type MailFault = { path: (string | number)[]; message: string };

/** Lists why the mails that `mailWhen` promises could never be sent. */
function listMailFaults({ mailWhen, recipients, reports }: MailedReports): MailFault[] {
  if (mailWhen !== undefined && recipients === undefined)
    return [{ path: ["mailWhen"], message: "needs recipients: add whom to mail, or remove mailWhen" }];
  if (mailWhen !== "expiring") return [];
  return reports.flatMap(({ status }, index) =>
    Array.isArray(status) && !status.includes("open")
      ? [{ path: ["reports", index, "status"], message: "must include open, since mailWhen is expiring" }]
      : [],
  );
}

type MailedReports = {
  mailWhen?: string | undefined;
  recipients?: string[] | undefined;
  reports: Record<string, unknown>[];
};

const Schedules = z
  .array(Schedule, "must be a list of schedules")
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "must have different names");

/**
 * Parses the setting SCHEDULES, a JSON text. All faults are joined to one message, which gives each fault's path in
 * the JSON.
 */
export const SchedulesText = z.string().transform((text, context): Schedule[] => {
  const { data, error } = Schedules.safeParse(readJson(text));
  if (data !== undefined) return data;
  context.addIssue(error.issues.map(describeIssue).join(", "));
  return z.NEVER;
});

/**
 * The schedules when SCHEDULES is not set. On the first day of each month, they make a report on the offers issued in
 * the previous month, and a report on all offers. `this-month` means the previous month here, since reports are as of
 * the day before the tick.
 */
export const defaultSchedules: Schedule[] = [
  { name: "monthly", expression: "cron(0 6 1 * ? *)", reports: [{ period: "this-month" }, {}] },
];

export type Tick = { schedule: Schedule; at: Moment };

/**
 * Returns the options of a tick's reports. Every report is as of the day before the tick, and periods such as
 * `this-month` are relative to this day. With the freshness `full`, all offers are read anew.
 */
export function describeReports({ schedule, at }: Tick, calendar: Calendar): Options[] {
  const day = calendar.dayOf(at) - 1;
  return schedule.reports.map(
    (options) => parseOptions({ ...options, asOf: formatDay(day), freshness: "full" }, day).options,
  );
}

const TickEvent = z.object({ schedule: z.string(), at: z.iso.datetime() });

/**
 * Parses the event that EventBridge Scheduler sends at a tick. `at` is the scheduled time, however late the event
 * arrives.
 */
export function parseTick(event: unknown, schedules: Schedule[]): Tick {
  const { schedule: name, at } = TickEvent.parse(event);
  const schedule = schedules.find((one) => one.name === name);
  if (schedule !== undefined) return { schedule, at: Date.parse(at) };
  const names = schedules.map((one) => one.name).join(", ") || "none";
  throw new ScheduleError(`There is no such schedule; SCHEDULES has ${names}.`);
}

function listOptionErrors(options: Record<string, unknown>): ParameterError[] {
  const setByTick = ["asOf", "maxAge", "freshness"].filter((name) => name in options);
  if (setByTick.length > 0)
    return setByTick.map((parameter) => ({ parameter, detail: "is decided by the tick" }));
  try {
    parseOptions(options, 0);
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
 * Reads the setting SCHEDULES. Throws a ConfigError when the setting is not valid. Other settings are read elsewhere,
 * since this function loads libraries that most deployed functions do not need.
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
