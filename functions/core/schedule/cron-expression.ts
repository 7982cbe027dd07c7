import { Cron } from "croner";
import { type Calendar, findMoment, type Moment } from "../basics/calendar.ts";

export type CronExpression = `cron(${string})`;

/**
 * The options for reading expressions as EventBridge Scheduler does: Sunday is day 1 of the week, and `0/15` is a
 * step.
 */
const dialect = { mode: "7-part", alternativeWeekdays: true, sloppyRanges: true } as const;

/**
 * True for a cron expression that EventBridge Scheduler accepts
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based).
 */
export function isCron(expression: unknown): expression is CronExpression {
  if (typeof expression !== "string") return false;
  const fields = readFields(expression);
  const [, , dayOfMonth, , dayOfWeek = ""] = fields;
  // Either the day of the month or the day of the week must be `?`, but not both.
  if (fields.length !== 6 || (dayOfMonth === "?") === (dayOfWeek === "?")) return false;
  // Refuses 0, 8 and 9 as days of the week. EventBridge accepts only 1 to 7, but the library is less strict.
  if (/[089]/.test(dayOfWeek)) return false;
  try {
    return openCron(fields).getPattern() !== undefined;
  } catch {
    return false;
  }
}

/** The length of the time that clocks show twice when summer time ends. */
const repeatedMs = 3_600_000;

/**
 * Returns the last tick at or before `now`; null when there is none. The expression's times are local times of the
 * calendar's zone. As in EventBridge Scheduler, a local time gives no tick when the start of summer time skips it. A
 * local time that occurs twice, because summer time ends, gives one tick.
 */
export function findLastTick(expression: CronExpression, calendar: Calendar, now: Moment): Moment | null {
  const cron = openCron(readFields(expression));
  let before = new Date(now + calendar.offsetMs(now) + repeatedMs);
  for (;;) {
    const [localTime] = cron.previousRuns(1, before);
    if (localTime === undefined) return null;
    const moment = findMoment(localTime.toISOString().slice(0, "YYYY-MM-DDThh:mm".length), calendar);
    if (moment !== null && moment <= now) return moment;
    before = localTime;
  }
}

function readFields(expression: string): string[] {
  const fields = /^cron\(([0-9A-Z*?,/#-]+(?: [0-9A-Z*?,/#-]+)*)\)$/.exec(expression)?.[1];
  return fields?.split(" ") ?? [];
}

/** Opens a cron expression whose local times are treated as if they were UTC, since UTC has no summer time. */
function openCron(fields: string[]): Cron {
  return new Cron(`0 ${fields.join(" ")}`, { ...dialect, timezone: "UTC" });
}
