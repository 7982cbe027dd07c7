import { getISO } from "temporal-polyfill/fns/Calendar";
import * as Instant from "temporal-polyfill/fns/Instant";
import * as PlainDate from "temporal-polyfill/fns/PlainDate";
import * as PlainDateTime from "temporal-polyfill/fns/PlainDateTime";
import * as ZonedDateTime from "temporal-polyfill/fns/ZonedDateTime";

/** A calendar day, as the number of days since 1970-01-01. */
export type Day = number;

/** A moment, as the number of milliseconds since 1970-01-01T00:00:00Z. */
export type Moment = number;

export const dayMs = 86_400_000;
const minuteMs = 60_000;

/** The clock and the calendar of one time zone. */
export type Calendar = {
  zone: string;
  /** Returns how many milliseconds the zone's clock is ahead of UTC at the given moment. */
  offsetMs: (moment: Moment) => number;
  dayOf: (moment: Moment) => Day;
};

const epoch = PlainDate.create(1970, 1, 1);

const knownDays = new Map<string, Day | null>();
const maxKnownDays = 20_000;

/** Reads a day from `YYYY-MM-DD`. Returns null for a text in another notation, and for a day that does not exist. */
export function parseDay(text: string): Day | null {
  const known = knownDays.get(text);
  if (known !== undefined) return known;
  const day = readDay(text);
  if (knownDays.size >= maxKnownDays) knownDays.clear();
  knownDays.set(text, day);
  return day;
}

function readDay(text: string): Day | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  try {
    return PlainDate.diffDays(epoch, PlainDate.fromString(text, getISO));
  } catch {
    return null;
  }
}

/** Writes a day as `YYYY-MM-DD`. */
export function formatDay(day: Day): string {
  return new Date(day * dayMs).toISOString().slice(0, -"T00:00:00.000Z".length);
}

/**
 * Returns a version of `format` that remembers the text of each day. This saves time, because many rows of a report
 * have the same day.
 */
export function memoizeDayFormat(format: (day: Day) => string): (day: Day) => string {
  const known = new Map<Day, string>();

  return (day) => {
    const found = known.get(day);
    if (found !== undefined) return found;
    if (known.size >= maxKnownDays) known.clear();
    const text = format(day);
    known.set(day, text);
    return text;
  };
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/**
 * Writes a time of day as `hh:mm:ss`. `ms` is the number of milliseconds since midnight of the same day or of an
 * earlier day.
 */
export function formatClock(ms: number): string {
  const seconds = Math.floor((ms - Math.floor(ms / dayMs) * dayMs) / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}`;
}

const atom = /^(\d{4}-\d\d-\d\d)T(\d\d):([0-5]\d)(?::([0-5]\d)(\.\d+)?)?(?:Z|([+-])(\d\d):?([0-5]\d))$/;

/**
 * Reads a moment in the notation of RFC 3339, with its offset from UTC. Returns null for a text in another
 * notation, and for a day or time that does not exist.
 */
export function parseMoment(text: string): Moment | null {
  const parts = atom.exec(text);
  if (!parts) return null;
  const [, date = "", hours, minutes, seconds = 0, fraction = 0, sign, offsetHours = 0, offsetMinutes = 0] =
    parts;
  const day = parseDay(date);
  if (day === null || Number(hours) > 23 || Number(offsetHours) > 23) return null;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === "-" ? -1 : 1);
  const clockMinutes = Number(hours) * 60 + Number(minutes) - offset;
  return day * dayMs + clockMinutes * minuteMs + Number(seconds) * 1000 + Math.floor(Number(fraction) * 1000);
}

/**
 * Returns the moment at which the zone's clocks show `clock`, a time in the notation `YYYY-MM-DDThh:mm`. When the
 * clocks are put back and show that time twice, the function returns the first moment. When the clocks skip that
 * time, or the text has another notation, the function returns null.
 */
export function findMoment(clock: string, { zone }: Pick<Calendar, "zone">): Moment | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(clock)) return null;
  try {
    const shown = PlainDateTime.fromString(clock, getISO);
    const at = PlainDateTime.toZonedDateTime(shown, zone, { disambiguation: "earlier" });
    return PlainDateTime.equals(ZonedDateTime.toPlainDateTime(at), shown) ? at.epochMilliseconds : null;
  } catch {
    return null;
  }
}

/**
 * Returns the moment at which the calendar's clock shows the time `clockMs`. This time is in milliseconds since 1970,
 * as if the clock showed UTC. When the clock is put back and shows the time twice, the function returns the first
 * moment. When the clock skips the time, the function returns a moment after the gap, as Temporal does by default.
 */
export function placeClock(clockMs: number, { offsetMs }: Pick<Calendar, "offsetMs">): Moment {
  const before = clockMs - offsetMs(clockMs - dayMs);
  if (before + offsetMs(before) === clockMs) return before;
  const after = clockMs - offsetMs(clockMs + dayMs);
  return after + offsetMs(after) === clockMs ? after : before;
}

/** Creates the calendar of a time zone. Throws a RangeError when the tz database does not contain the zone. */
export function createCalendar(zone: string): Calendar {
  type Span = { fromMs: number; toMs: number; offsetMs: number };
  let spans: Span[] = [];
  let current = readSpan(0);

  function readSpan(moment: Moment): Span {
    const at = Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(moment), zone);
    const next = ZonedDateTime.getTimeZoneTransition(at, "next");
    const previous = ZonedDateTime.getTimeZoneTransition(ZonedDateTime.addNanoseconds(at, 1), "previous");
    return {
      fromMs: previous?.epochMilliseconds ?? -Infinity,
      toMs: next?.epochMilliseconds ?? Infinity,
      offsetMs: ZonedDateTime.offsetNanoseconds(at) / 1e6,
    };
  }

  /**
   * Returns a span of time that contains the moment. The zone's offset is the same in the whole span. The function
   * remembers the spans, because there are few of them.
   */
  function spanOf(moment: Moment): Span {
    const known = spans.find((span) => span.fromMs <= moment && moment < span.toMs);
    if (known) return known;
    const span = readSpan(moment);
    spans = [...spans.slice(-400), span];
    return span;
  }

  function offsetMs(moment: Moment): number {
    if (moment < current.fromMs || moment >= current.toMs) current = spanOf(moment);
    return current.offsetMs;
  }

  return { zone, offsetMs, dayOf: (moment) => Math.floor((moment + offsetMs(moment)) / dayMs) };
}

const writeDay = memoizeDayFormat(formatDay);

/**
 * Writes a moment in ISO 8601 with the zone's offset. Milliseconds are written only when they are not zero. An offset
 * with seconds is rounded to minutes, and the written time of day uses the rounded offset. Amsterdam had such an offset
 * until 1937.
 */
export function formatMoment(moment: Moment, calendar: Calendar): string {
  const offsetMinutes = Math.round(calendar.offsetMs(moment) / minuteMs);
  const minutes = Math.abs(offsetMinutes);
  const shownMs = moment + offsetMinutes * minuteMs;
  const ms = shownMs - Math.floor(shownMs / 1000) * 1000;
  const fraction = ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`;
  const clock = `${writeDay(Math.floor(shownMs / dayMs))}T${formatClock(shownMs)}${fraction}`;
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${clock}${sign}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}`;
}
