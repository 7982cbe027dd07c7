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
 * A date or a moment, read from the portal's text. `remark` is null when the text has the API's format. `value` is null
 * when the text stands for no date (`placeholder`) or cannot be read (`unreadable`).
 */
export type Reading = { value: number | null; remark: "noOffset" | "placeholder" | "unreadable" | null };

/**
 * ISO 8601. Databases write a blank for the `T`, and PHP writes a zone's name for the offset. The time and the offset
 * may be missing.
 */
const dateFormat =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)? ?(Z|UTC|GMT|[+-]\d\d(?::?[0-5]\d)?|[a-z]+\/[\w/+-]+)?)?$/i;

/**
 * `clockMs` is the time that the text shows, in milliseconds since 1970 as if it were UTC. `moment` is null when the text
 * has no offset.
 */
type WrittenDate = { clockMs: number; moment: Moment | null };

function parseWritten(text: string): WrittenDate | null {
  const parts = dateFormat.exec(text);
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

/** The offset in milliseconds, or NaN for an impossible one. */
function parseOffset(text: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  if (Number(hours) > 23) return Number.NaN;
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

const calendars = new Map<string, Calendar>();
const maxCalendars = 100;

/** Null when the zone does not exist. */
function placeInZone(clockMs: number, zone: string): Moment | null {
  const known = calendars.get(zone);
  if (known === undefined && !isTimeZone(zone)) return null;
  const calendar = known ?? createCalendar(zone);
  if (calendars.size < maxCalendars) calendars.set(zone, calendar);
  return placeClock(clockMs, calendar);
}

/**
 * Converts PHP's JSON of a date to text. An example is
 * `{"date":"2026-01-10 21:00:00.000000","timezone":"Europe/Amsterdam"}`. Returns any other value unchanged.
 */
export function unfoldDate(given: unknown): unknown {
  if (typeof given !== "object" || given === null || !("date" in given) || typeof given.date !== "string")
    return given;
  const zone = "timezone" in given && typeof given.timezone === "string" ? given.timezone : "";
  return `${given.date} ${zone}`.trim();
}

/** Reads Unix time in seconds or milliseconds, from 2001 to 2033 only: other numbers may mean something else. */
function parseUnixTime(text: string): Moment | null {
  if (!/^1\d{9}(\d{3})?(\.\d+)?$/.test(text)) return null;
  return Math.floor(/^\d{10}(\.|$)/.test(text) ? Number(text) * 1000 : Number(text));
}

/** Reads a text without an offset on the report's calendar, and a date without a time as the start of that day. */
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

/** Reads the moment of a decision. A text that says that there is no decision is a placeholder. */
export function readDecision(text: string, calendar: Calendar): Reading {
  const reading = readMoment(text, calendar);
  const { value } = reading;
  if (value === null) return saysNone(text) ? { value, remark: "placeholder" } : reading;
  const isZero = value < afterEpochs && isEpochMidnight(value, text, calendar);
  return isZero ? { value: null, remark: "placeholder" } : reading;
}

/**
 * Reads a date. A text with a time counts as the date that it shows. The exception is a moment that starts or ends a day
 * on the report's calendar: it counts as that day, in whatever zone the text is.
 */
export function readDate(text: string, calendar: Calendar): Reading {
  const day = parseDay(text) ?? parseDate(tidyText(text), calendar);
  if (day === null) return { value: null, remark: isZeroDate(tidyText(text)) ? "placeholder" : "unreadable" };
  const isPlaceholder = day < firstDay || (day <= lastEpochDay && epochDays.has(day));
  return isPlaceholder ? { value: null, remark: "placeholder" } : { value: day, remark: null };
}

function parseDate(text: string, calendar: Calendar): Day | null {
  const known = parseWritten(text);
  if (known === null) {
    const moment = parseUnixTime(text);
    return moment === null ? null : calendar.dayOf(moment);
  }
  const wholeDay = known.moment === null ? null : findWholeDay(known.moment, calendar);
  return wholeDay ?? Math.floor(known.clockMs / dayMs);
}

/** The day that begins at the moment, or ends with the moment's second. Null for any other moment. */
function findWholeDay(moment: Moment, { dayOf }: Calendar): Day | null {
  const day = dayOf(moment);
  return dayOf(moment - 1) !== day || dayOf(moment + 1000) !== day ? day : null;
}

/** Earlier dates stand for no date. */
const firstDay = parseDay("0002-01-01") ?? 0;
/** One day later, so that it is after `firstDay` in every time zone. */
const firstMoment = (firstDay + 1) * dayMs;

/** The zero dates of Windows, SQL Server, Excel on Windows, Excel on a Mac, and Unix. */
const epochs = [
  "1601-01-01",
  "1753-01-01",
  "1899-12-30",
  "1899-12-31",
  "1900-01-01",
  "1904-01-01",
  "1970-01-01",
];
const epochDays: ReadonlySet<Day | null> = new Set(epochs.map(parseDay));
const lastEpochDay = 0;
/** Two days later, so that it is after the last epoch in every time zone. */
const afterEpochs = (lastEpochDay + 2) * dayMs;

/** True for midnight on a zero date: in UTC, on the report's calendar, or on the clock that the text shows. */
function isEpochMidnight(moment: Moment, text: string, calendar: Calendar): boolean {
  const clocksMs = [
    moment,
    moment + calendar.offsetMs(moment),
    parseWritten(tidyText(text))?.clockMs ?? moment,
  ];
  return clocksMs.some((clockMs) => {
    const day = Math.floor(clockMs / dayMs);
    return clockMs - day * dayMs < 1000 && epochDays.has(day);
  });
}

/** Patterns of zero dates: a year of at most 1, day 0 of 1900, and texts of zeros only. */
const zeroDates = [
  /^[-+]?0*[01]-\d\d?-\d\d?(\D|$)/,
  /^\d\d?[-/.]\d\d?[-/.]-?000[01](\D|$)/,
  /^1900-0[01]-00(\D|$)/,
  /^(?=\D*0)[0\s:./T+-]+Z?$/i,
];

function isZeroDate(text: string): boolean {
  return zeroDates.some((pattern) => pattern.test(text));
}

/** Words for "nothing" in English, Dutch and common software, without blanks and punctuation. */
const noneWords = new Set(
  (
    "false f no n off null nil none nan nat na undefined unset notset empty void never pending open notyet tbd " +
    "notaccepted notrejected nee geen niet niets nihil nvt leeg nooit nogniet onwaar"
  ).split(" "),
);

/** True when the text is zero, empty or a word for "nothing". */
export function saysNone(text: string): boolean {
  const word = tidyText(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  return /^0*$/.test(word) || noneWords.has(word);
}
