import { Temporal } from "temporal-polyfill";
import type { Random } from "./demo-random.ts";

/** A firm's list grows in years: however long it is, a month brings about as many offers. */
const offersPerMonth = 120;
const leastMonths = 26;
const mostMonths = 240;

/** How many months of business so many offers are. */
export function countMonths(offers: number): number {
  return Math.min(mostMonths, Math.max(leastMonths, Math.ceil(offers / offersPerMonth)));
}

/** How busy a day is, from 0 to 1: the building holidays and Christmas are quiet, weekends more so. */
function weighDay(day: Temporal.PlainDate): number {
  const week = day.dayOfWeek > 5 ? 0.08 : 1;
  if (day.month === 7) return week * 0.5;
  if (day.month === 8) return week * 0.4;
  return day.month === 12 && day.day > 18 ? week * 0.25 : week;
}

export type Span = {
  /** `YYYY-MM-DD`: the day after the last one. */
  today: string;
  months: number;
};

/** Picks days on which an offer was issued, until yesterday. */
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
