import { Cron } from "croner";
import { type Calendar, findMoment, type Moment } from "../basics/calendar.ts";

export type CronExpression = `cron(${string})`;

/** EventBridge Scheduler's dialect: six fields, the week begins on Sunday, 1, and `0/15` is a step. */
const dialect = { mode: "7-part", alternativeWeekdays: true, sloppyRanges: true } as const;

/**
 * Whether it is a cron expression as EventBridge Scheduler takes it
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based).
 */
export function isCron(expression: unknown): expression is CronExpression {
  if (typeof expression !== "string") return false;
  const fields = readFields(expression);
  const [, , dayOfMonth, , dayOfWeek = ""] = fields;
  // Exactly one of the two says which day.
  if (fields.length !== 6 || (dayOfMonth === "?") === (dayOfWeek === "?")) return false;
  // The library takes 0 and 8 for days of the week too.
  if (/[089]/.test(dayOfWeek)) return false;
  try {
    return openCron(fields).getPattern() !== undefined;
  } catch {
    return false;
  }
}

/** What the clocks show again for, after they have been put back. */
const repeatedMs = 3_600_000;

/**
 * The last moment up to then at which the schedule ticked, on the zone's clocks: not at all at a time that they
 * skip, once at one that they show twice, as EventBridge Scheduler does. Null when there was none.
 */
export function findLastTick(expression: CronExpression, calendar: Calendar, now: Moment): Moment | null {
  const cron = openCron(readFields(expression));
  let before = new Date(now + calendar.offsetMs(now) + repeatedMs);
  for (;;) {
    const [shown] = cron.previousRuns(1, before);
    if (shown === undefined) return null;
    const moment = findMoment(shown.toISOString().slice(0, "YYYY-MM-DDThh:mm".length), calendar);
    if (moment !== null && moment <= now) return moment;
    before = shown;
  }
}

function readFields(expression: string): string[] {
  const fields = /^cron\(([0-9A-Z*?,/#-]+(?: [0-9A-Z*?,/#-]+)*)\)$/.exec(expression)?.[1];
  return fields?.split(" ") ?? [];
}

/** On a clock that is never put forward or back. */
function openCron(fields: string[]): Cron {
  return new Cron(`0 ${fields.join(" ")}`, { ...dialect, timezone: "UTC" });
}
