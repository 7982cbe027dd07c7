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
import { tidyText } from "../basics/safe-text.ts";
import { isTimeZone } from "../settings/setting-rules.ts";

/**
 * A date or a moment that was read from the portal's text. `value` is null when the text stands for no date (remark
 * `placeholder`) or cannot be read (remark `unreadable`). The remark `noOffset` means that the text of a moment has
 * no offset from UTC.
 */
export type Reading = { value: number | null; remark: "noOffset" | "placeholder" | "unreadable" | null };

/**
 * Matches a date in ISO 8601, with or without a time and an offset. Also matches the notation of databases, with a
 * blank instead of the `T`, and the notation of PHP, with a zone's name instead of the offset.
 */
const dateFormat =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)? ?(Z|UTC|GMT|[+-]\d\d(?::?[0-5]\d)?|[a-z]+\/[\w/+-]+)?)?$/i;

/**
 * The content of a date's text. `clockMs` is the time that the text shows, in milliseconds since 1970 as if the
 * text were in UTC. `moment` is null when the text has no offset.
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

/**
 * Converts an offset such as `+01:00` to milliseconds. Returns 0 for `Z`, `UTC` and `GMT`, and NaN for 24 hours or
 * more.
 */
function parseOffset(text: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  if (Number(hours) > 23) return Number.NaN;
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

const calendars = new Map<string, Calendar>();
const maxCalendars = 100;

/** Returns the moment at which the zone's clocks show `clockMs`; null when the zone does not exist. */
function placeInZone(clockMs: number, zone: string): Moment | null {
  const known = calendars.get(zone);
  if (known === undefined && !isTimeZone(zone)) return null;
  const calendar = known ?? createCalendar(zone);
  if (calendars.size < maxCalendars) calendars.set(zone, calendar);
  return placeClock(clockMs, calendar);
}

/**
 * Converts a date in PHP's JSON to a text with the date and the time zone. An example of such JSON is
 * `{"date":"2026-01-10 21:00:00.000000","timezone":"Europe/Amsterdam"}`. Returns any other value unchanged.
 */
export function unfoldDate(given: unknown): unknown {
  if (typeof given !== "object" || given === null || !("date" in given) || typeof given.date !== "string")
    return given;
  const zone = "timezone" in given && typeof given.timezone === "string" ? given.timezone : "";
  return `${given.date} ${zone}`.trim();
}

/**
 * Reads a Unix time in seconds or milliseconds. Returns null for a time outside the years 2001 to 2033, because
 * such a number may mean something else.
 */
function parseUnixTime(text: string): Moment | null {
  if (!/^1\d{9}(\d{3})?(\.\d+)?$/.test(text)) return null;
  return Math.floor(/^\d{10}(\.|$)/.test(text) ? Number(text) * 1000 : Number(text));
}

/**
 * Reads a moment from the portal's text. A text without an offset is read as a time in the report's time zone. A date
 * without a time is read as the start of the day.
 */
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

/**
 * Reads the moment at which an offer was accepted or rejected. A text that says that there is no such moment gets
 * the remark `placeholder`.
 */
export function readDecision(text: string, calendar: Calendar): Reading {
  const reading = readMoment(text, calendar);
  const { value } = reading;
  if (value === null) return saysNone(text) ? { value, remark: "placeholder" } : reading;
  const isZero = value < afterEpochs && isEpochMidnight(value, text, calendar);
  return isZero ? { value: null, remark: "placeholder" } : reading;
}

/**
 * Reads a date from the portal's text. A text with a time is usually read as the date that it shows. When its moment
 * starts or ends a day in the report's time zone, the text is read as that day, even when it shows another date.
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

/**
 * Returns the day that begins at the moment, or the day that ends at most one second after it. Returns null for any
 * other moment.
 */
function findWholeDay(moment: Moment, { dayOf }: Calendar): Day | null {
  const day = dayOf(moment);
  return dayOf(moment - 1) !== day || dayOf(moment + 1000) !== day ? day : null;
}

/** The earliest day that is read as a date. Earlier days are placeholders for a missing date. */
const firstDay = parseDay("0002-01-01") ?? 0;
/** The earliest moment that is accepted. In every time zone, this moment is on `firstDay` or later. */
const firstMoment = (firstDay + 1) * dayMs;

/**
 * The dates for which Windows, SQL Server, Excel on Windows, Excel on a Mac and Unix store a zero. In an offer, such a
 * date stands for a missing date.
 */
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
/** A moment that is after the last day of `epochs` in every time zone. */
const afterEpochs = (lastEpochDay + 2) * dayMs;

/**
 * True when the moment is midnight at the start of a date in `epochs`. The midnight may be in UTC, in the report's time
 * zone, or on the clock that the text shows.
 */
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

/** Patterns of texts that stand for no date: dates in the year 0 or 1, day 0 of 1900, and zeros only. */
const zeroDates = [
  /^[-+]?0*[01]-\d\d?-\d\d?(\D|$)/,
  /^\d\d?[-/.]\d\d?[-/.]-?000[01](\D|$)/,
  /^1900-0[01]-00(\D|$)/,
  /^(?=\D*0)[0\s:./T+-]+Z?$/i,
];

function isZeroDate(text: string): boolean {
  return zeroDates.some((pattern) => pattern.test(text));
}

/** Words for "nothing" in English, Dutch and common software, in lower case without blanks and punctuation. */
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
