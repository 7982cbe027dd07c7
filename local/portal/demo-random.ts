import { Temporal } from "temporal-polyfill";

export type Random = {
  /** Returns a number from 0, inclusive, to 1, exclusive. */
  unit(): number;
  /** Returns a whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  /** Returns a number from the standard normal distribution. */
  normal(): number;
  text(length: number, alphabet?: string): string;
};

/** Returns the random number generator mulberry32. The same seed gives the same numbers. */
export function makeRandom(seed: number): Random {
  let state = seed | 0;

  function unit(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const int = (min: number, max: number): number => min + Math.floor(unit() * (max - min + 1));

  function pick<T>(list: readonly T[]): T {
    const item = list[int(0, list.length - 1)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  return {
    unit,
    int,
    pick,
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    text: (length, alphabet = "abcdefghijklmnopqrstuvwxyz0123456789") =>
      Array.from({ length }, () => alphabet.charAt(int(0, alphabet.length - 1))).join(""),
  };
}

/** The number of offers in each month of a list. A longer list covers more months, at most `maxMonths`. */
const offersPerMonth = 120;
const minMonths = 26;
const maxMonths = 240;

/** Returns the number of months that a list of this length covers. */
export function countMonths(offers: number): number {
  return Math.min(maxMonths, Math.max(minMonths, Math.ceil(offers / offersPerMonth)));
}

/**
 * Returns how likely offers are on a day, from 0 to 1. Offers are less likely in summer and at Christmas, and least
 * likely at weekends.
 */
function weighDay(day: Temporal.PlainDate): number {
  const week = day.dayOfWeek > 5 ? 0.08 : 1;
  if (day.month === 7) return week * 0.5;
  if (day.month === 8) return week * 0.4;
  return day.month === 12 && day.day > 18 ? week * 0.25 : week;
}

export type Span = {
  /** The day after the last day of the span, in the form `YYYY-MM-DD`. */
  today: string;
  months: number;
};

/**
 * Returns a function that picks issue dates of offers within the span. The latest possible date is the day before
 * `today`.
 */
export function makeDayPicker({ today, months }: Span, random: Random): () => Temporal.PlainDate {
  const end = Temporal.PlainDate.from(today);
  const start = end.subtract({ months });
  const spanDays = start.until(end).days;
  const days = Array.from({ length: spanDays }, (_, index) => start.add({ days: index }));
  return () => {
    let day = random.pick(days);
    while (random.unit() > weighDay(day)) day = random.pick(days);
    return day;
  };
}

export const timeZone = "Europe/Amsterdam";

/** Writes a moment in the portal's format, such as `2024-05-14T21:00:00+02:00`. */
export function writeAtom(moment: Temporal.ZonedDateTime): string {
  return moment.toString({ timeZoneName: "never", smallestUnit: "second" });
}

export function readAtom(text: string): Temporal.ZonedDateTime {
  return Temporal.Instant.from(text).toZonedDateTimeISO(timeZone);
}
