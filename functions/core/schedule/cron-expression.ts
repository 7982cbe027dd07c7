import { Cron } from "croner";
import { type Calendar, findMoment, type Moment } from "../basics/calendar.ts";

export type CronExpression = `cron(${string})`;

/** The dialect of EventBridge Scheduler: six fields, Sunday is day 1 of the week, and `0/15` is a step. */
const dialect = { mode: "7-part", alternativeWeekdays: true, sloppyRanges: true } as const;

/**
 * True for a cron expression that EventBridge Scheduler accepts
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based).
 */
export function isCron(expression: unknown): expression is CronExpression {
  if (typeof expression !== "string") return false;
  const fields = readFields(expression);
  const [, , dayOfMonth, , dayOfWeek = ""] = fields;
  // Exactly one of the two day fields is `?`.
  if (fields.length !== 6 || (dayOfMonth === "?") === (dayOfWeek === "?")) return false;
  // The library also accepts 0 and 8 as days of the week; EventBridge does not.
  if (/[089]/.test(dayOfWeek)) return false;
  try {
    return openCron(fields).getPattern() !== undefined;
  } catch {
    return false;
  }
}

/** Clocks repeat an hour when summer time ends. */
const repeatedMs = 3_600_000;

/**
 * The last tick up to `now`. The expression's times are local times of the calendar's zone. As in EventBridge
 * Scheduler, a local time that summer time skips gives no tick, and a local time that occurs twice gives one tick.
 * Null when there is no tick up to `now`.
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

/** Runs on local times as if they were UTC, since UTC has no summer time. */
function openCron(fields: string[]): Cron {
  return new Cron(`0 ${fields.join(" ")}`, { ...dialect, timezone: "UTC" });
}
