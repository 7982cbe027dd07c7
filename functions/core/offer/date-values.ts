import {
  type Calendar,
  createCalendar,
  type Day,
  dayMs,
  type Moment,
  parseDay,
  parseMoment,
  placeClock,
} from "../basics/calendar.ts";
import { isTimeZone } from "../settings/setting-rules.ts";
import { tidyText } from "../basics/safe-text.ts";

/**
 * A date or a moment as a portal may write it. Without `remark` it is written as the API says. `value` is null where
 * the text stands for no date (`placeholder`) or cannot be read (`unreadable`).
 */
export type Reading = { value: number | null; remark: "noOffset" | "placeholder" | "unreadable" | null };

/**
 * ISO 8601 with a blank for the `T`, as databases write it; the time may be missing, and the offset, for which PHP has
 * the zone's name, too.
 */
const written =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)? ?(Z|UTC|GMT|[+-]\d\d(?::?[0-5]\d)?|[a-z]+\/[\w/+-]+)?)?$/i;

/** The clock is that of the text, in milliseconds since 1970; `moment` is null without an offset. */
type Written = { clockMs: number; moment: Moment | null };

function parseWritten(text: string): Written | null {
  const parts = written.exec(text);
  if (!parts) return null;
  const [, date = "", hours = 0, minutes = 0, seconds = 0, fraction = 0, offset] = parts;
  const day = parseDay(date);
  if (day === null || Number(hours) > 23) return null;
  const timeMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  const clockMs = day * dayMs + timeMs + Math.floor(Number(`0.${fraction}`) * 1000);
  if (offset === undefined) return { clockMs, moment: null };
  const moment = offset.includes("/") ? placeInZone(clockMs, offset) : clockMs - parseOffset(offset);
  return moment === null || Number.isNaN(moment) ? null : { clockMs, moment };
}

/** NaN where no zone has it. */
function parseOffset(text: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  if (Number(hours) > 23) return Number.NaN;
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

const calendars = new Map<string, Calendar>();
const maxCalendars = 100;

/** Null in a zone that does not exist. */
function placeInZone(clockMs: number, zone: string): Moment | null {
  const known = calendars.get(zone);
  if (known === undefined && !isTimeZone(zone)) return null;
  const calendar = known ?? createCalendar(zone);
  if (calendars.size < maxCalendars) calendars.set(zone, calendar);
  return placeClock(clockMs, calendar);
}

/** The text of a date as PHP writes its own: `{"date":"2026-01-10 21:00:00.000000","timezone":"Europe/Amsterdam"}`. */
export function unfoldDate(given: unknown): unknown {
  if (typeof given !== "object" || given === null || !("date" in given) || typeof given.date !== "string")
    return given;
  const zone = "timezone" in given && typeof given.timezone === "string" ? given.timezone : "";
  return `${given.date} ${zone}`.trim();
}

/** Unix time of 2001 to 2033, in seconds or in milliseconds: other numbers may mean something else. */
function parseUnixTime(text: string): Moment | null {
  if (!/^1\d{9}(\d{3})?(\.\d+)?$/.test(text)) return null;
  return Math.floor(/^\d{10}(\.|$)/.test(text) ? Number(text) * 1000 : Number(text));
}

/** A moment without an offset is one of the report's calendar, a date without a time that day's start. */
export function readMoment(text: string, calendar: Calendar): Reading {
  const moment = parseMoment(text);
  if (moment !== null && moment >= firstMoment) return { value: moment, remark: null };
  const known = parseWritten(text) ?? parseWritten(tidyText(text));
  if (known === null || known.clockMs < firstMoment) return readOther(tidyText(text));
  if (known.moment !== null) return { value: known.moment, remark: null };
  return { value: placeClock(known.clockMs, calendar), remark: "noOffset" };
}

function readOther(text: string): Reading {
  const value = parseUnixTime(text);
  if (value !== null) return { value, remark: null };
  return { value, remark: isZeroDate(text) ? "placeholder" : "unreadable" };
}

/** The same, and none where the text says that there was no decision. */
export function readDecision(text: string, calendar: Calendar): Reading {
  const reading = readMoment(text, calendar);
  const { value } = reading;
  if (value === null) return saysNone(text) ? { value, remark: "placeholder" } : reading;
  const isStandard = value < afterStandards && isStandardMoment(value, text, calendar);
  return isStandard ? { value: null, remark: "placeholder" } : reading;
}

/**
 * A date with a time is the date that is written, but for the start or the last second of a day on the report's
 * calendar: that is the day, whatever zone it is written in.
 */
export function readDate(text: string, calendar: Calendar): Reading {
  const day = parseDay(text) ?? parseDate(tidyText(text), calendar);
  if (day === null) return { value: null, remark: isZeroDate(tidyText(text)) ? "placeholder" : "unreadable" };
  const isPlaceholder = day < firstDay || (day <= lastStandardDay && standardDays.has(day));
  return isPlaceholder ? { value: null, remark: "placeholder" } : { value: day, remark: null };
}

function parseDate(text: string, calendar: Calendar): Day | null {
  const known = parseWritten(text);
  if (known === null) {
    const moment = parseUnixTime(text);
    return moment === null ? null : calendar.dayOf(moment);
  }
  const own = known.moment === null ? null : findWholeDay(known.moment, calendar);
  return own ?? Math.floor(known.clockMs / dayMs);
}

/** The day that begins at the moment or ends with its second. */
function findWholeDay(moment: Moment, { dayOf: find }: Calendar): Day | null {
  const day = find(moment);
  return find(moment - 1) !== day || find(moment + 1000) !== day ? day : null;
}

const firstDay = parseDay("0002-01-01") ?? 0;
/** By any clock. */
const firstMoment = (firstDay + 1) * dayMs;

/** Zero dates of Windows, SQL Server, Excel on Windows and on a Mac, and Unix. */
const standards = [
  "1601-01-01",
  "1753-01-01",
  "1899-12-30",
  "1899-12-31",
  "1900-01-01",
  "1904-01-01",
  "1970-01-01",
];
const standardDays: ReadonlySet<Day | null> = new Set(standards.map(parseDay));
const lastStandardDay = 0;
/** By any clock. */
const afterStandards = (lastStandardDay + 2) * dayMs;

/** Whether it is the midnight of one of those days: in UTC, on the report's calendar, or as it is written. */
function isStandardMoment(moment: Moment, text: string, calendar: Calendar): boolean {
  const clocksMs = [
    moment,
    moment + calendar.offsetMs(moment),
    parseWritten(tidyText(text))?.clockMs ?? moment,
  ];
  return clocksMs.some((clockMs) => {
    const day = Math.floor(clockMs / dayMs);
    return clockMs - day * dayMs < 1000 && standardDays.has(day);
  });
}

/** The year 1 or one before it, the day before 1900, or zeros alone. */
const zeroDates = [
  /^[-+]?0*[01]-\d\d?-\d\d?(\D|$)/,
  /^\d\d?[-/.]\d\d?[-/.]-?000[01](\D|$)/,
  /^1900-0[01]-00(\D|$)/,
  /^(?=\D*0)[0\s:./T+-]+Z?$/i,
];

function isZeroDate(text: string): boolean {
  return zeroDates.some((pattern) => pattern.test(text));
}

/** Words for none in the languages and the software that may stand behind a portal, without blanks and signs. */
const noneWords = new Set(
  (
    "false f no n off null nil none nan nat na undefined unset notset empty void never pending open notyet tbd " +
    "notaccepted notrejected nee geen niet niets nihil nvt leeg nooit nogniet onwaar"
  ).split(" "),
);

/** Whether the text is a way to say that there is nothing. */
export function saysNone(text: string): boolean {
  const word = tidyText(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  return /^0*$/.test(word) || noneWords.has(word);
}
